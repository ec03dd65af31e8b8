<?xml version="1.0" encoding="UTF-8"?>
<!--
  Generates org.example.PiImages(5) from the documented introspection XML when the package is built: there is no second source. A comment
  describes the element that follows it. In a comment, text indented by six spaces is prose; the descriptions of arguments are indented by
  eight spaces, each after a name and two spaces; text with more indentation continues them, one line for each "name (type):".
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text" encoding="UTF-8"/>
  <xsl:param name="version"/>

  <xsl:template match="/">
    <xsl:text>.TH ORG.EXAMPLE.PIIMAGES 5 "" "PiImages </xsl:text>
    <xsl:value-of select="$version"/>
    <xsl:text>" "File Formats and Conventions"
.SH NAME
org.example.PiImages \- the D\-Bus interface of piimagesd
.SH DESCRIPTION
</xsl:text>
    <xsl:call-template name="prose">
      <xsl:with-param name="text" select="normalize-space(substring-before(/comment(), '.'))"/>
    </xsl:call-template>
    <xsl:text>.PP
</xsl:text>
    <xsl:call-template name="prose">
      <xsl:with-param name="text" select="substring-after(/comment(), 'from this file.&#10;&#10;')"/>
      <xsl:with-param name="overview" select="true()"/>
    </xsl:call-template>
    <xsl:apply-templates select="/node/interface"/>
    <xsl:text>.SH "SEE ALSO"
.BR piimagesctl (1),
.BR piimagesd (8),
.BR busctl (1)
</xsl:text>
  </xsl:template>

  <xsl:template match="interface">
    <xsl:text>.SH "</xsl:text><xsl:value-of select="@name"/><xsl:text>"
</xsl:text>
    <xsl:apply-templates select="method|signal|property"/>
  </xsl:template>

  <xsl:template match="method|signal|property">
    <xsl:text>.SS "</xsl:text>
    <xsl:value-of select="@name"/>
    <xsl:choose>
      <xsl:when test="self::property"><xsl:text> \- property, </xsl:text><xsl:value-of select="@type"/></xsl:when>
      <xsl:otherwise>
        <xsl:text> (</xsl:text>
        <xsl:for-each select="arg[not(@direction = 'out')]"><xsl:call-template name="argument"/></xsl:for-each>
        <xsl:text>)</xsl:text>
        <xsl:if test="arg[@direction = 'out']"> \(-> </xsl:if>
        <xsl:for-each select="arg[@direction = 'out']"><xsl:call-template name="argument"/></xsl:for-each>
        <xsl:if test="self::signal"> \- signal</xsl:if>
      </xsl:otherwise>
    </xsl:choose>
    <xsl:text>"
</xsl:text>
    <xsl:call-template name="prose">
      <xsl:with-param name="text" select="string(preceding-sibling::node()[not(self::text())][1][self::comment()])"/>
    </xsl:call-template>
  </xsl:template>

  <xsl:template name="argument">
    <xsl:if test="position() > 1">, </xsl:if>
    <xsl:value-of select="concat(@type, ' ', @name)"/>
  </xsl:template>

  <!-- Formats a comment line by line. -->
  <xsl:template name="prose">
    <xsl:param name="text"/>
    <xsl:param name="overview" select="false()"/>
    <xsl:variable name="line" select="substring-before(concat($text, '&#10;'), '&#10;')"/>
    <xsl:call-template name="line">
      <xsl:with-param name="line" select="$line"/><xsl:with-param name="overview" select="$overview"/>
    </xsl:call-template>
    <xsl:if test="contains($text, '&#10;')">
      <xsl:call-template name="prose">
        <xsl:with-param name="text" select="substring-after($text, '&#10;')"/><xsl:with-param name="overview" select="$overview"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <xsl:template name="line">
    <xsl:param name="line"/>
    <xsl:param name="overview"/>
    <xsl:variable name="plain" select="normalize-space($line)"/>
    <xsl:variable name="item" select="starts-with($line, '        ') and not(starts-with($line, '         '))"/>
    <xsl:choose>
      <xsl:when test="$plain = '' and $overview"><xsl:text>.PP</xsl:text></xsl:when>
      <xsl:when test="$plain = ''"/>
      <xsl:when test="$item and contains(substring($line, 9), '  ')">
        <xsl:text>.TP
.I </xsl:text>
        <xsl:call-template name="escaped"><xsl:with-param name="text" select="substring-before(substring($line, 9), '  ')"/></xsl:call-template>
        <xsl:text>
</xsl:text>
        <xsl:call-template name="escaped">
          <xsl:with-param name="text" select="normalize-space(substring-after(substring($line, 9), '  '))"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:otherwise>
        <!-- The errors follow the arguments; the description of an option, and a line of the overview's table, begin on a new line. -->
        <xsl:if test="starts-with($plain, 'Errors')"><xsl:text>.PP
</xsl:text></xsl:if>
        <xsl:if test="starts-with($line, '         ') and (contains($plain, '):') or $overview) or $overview and contains($plain, 's: ')">
          <xsl:text>.br
</xsl:text>
        </xsl:if>
        <!-- roff would interpret a line that begins with a dot as a macro. -->
        <xsl:if test="starts-with($plain, '.')">\&amp;</xsl:if>
        <xsl:call-template name="escaped"><xsl:with-param name="text" select="$plain"/></xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
    <xsl:if test="$plain != '' or $overview"><xsl:text>
</xsl:text></xsl:if>
  </xsl:template>

  <!-- roff may typeset a bare hyphen as another character. -->
  <xsl:template name="escaped">
    <xsl:param name="text"/>
    <xsl:choose>
      <xsl:when test="contains($text, '-')">
        <xsl:value-of select="concat(substring-before($text, '-'), '\-')"/>
        <xsl:call-template name="escaped"><xsl:with-param name="text" select="substring-after($text, '-')"/></xsl:call-template>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="$text"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
