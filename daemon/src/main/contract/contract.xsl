<?xml version="1.0" encoding="UTF-8"?>
<!--
  What the daemon needs of introspection XML, in lines: it reads them at each start, and an XML parser would be a quarter of that start.

    interface NAME
    property  NAME TYPE          of that interface
    method    NAME IN OUT        the types of its arguments
    <...>                        what Introspect says, without comments

  Words are separated by tabs, as IN and OUT can be empty.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="/">
    <xsl:apply-templates select="node/interface"/>
  </xsl:template>

  <xsl:template match="interface">
    <xsl:value-of select="concat('interface&#9;', @name, '&#10;')"/>
    <xsl:for-each select="property">
      <xsl:value-of select="concat('property&#9;', @name, '&#9;', @type, '&#10;')"/>
    </xsl:for-each>
    <xsl:for-each select="method">
      <xsl:value-of select="concat('method&#9;', @name, '&#9;')"/>
      <xsl:for-each select="arg[@direction != 'out']"><xsl:value-of select="@type"/></xsl:for-each>
      <xsl:text>&#9;</xsl:text>
      <xsl:for-each select="arg[@direction = 'out']"><xsl:value-of select="@type"/></xsl:for-each>
      <xsl:text>&#10;</xsl:text>
    </xsl:for-each>
    <xsl:apply-templates select="." mode="xml"/>
  </xsl:template>

  <!-- Names and types have no character that XML would want escaped. -->
  <xsl:template match="*" mode="xml">
    <xsl:value-of select="concat('&lt;', name())"/>
    <xsl:for-each select="@*"><xsl:value-of select="concat(' ', name(), '=&quot;', ., '&quot;')"/></xsl:for-each>
    <xsl:choose>
      <xsl:when test="*">
        <xsl:text>&gt;&#10;</xsl:text>
        <xsl:apply-templates select="*" mode="xml"/>
        <xsl:value-of select="concat('&lt;/', name(), '&gt;&#10;')"/>
      </xsl:when>
      <xsl:otherwise><xsl:text>/&gt;&#10;</xsl:text></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
