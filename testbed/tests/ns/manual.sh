# The installed manual pages.
# shellcheck shell=bash

# page NAME: prints the text of a manual page, on one line and without hyphenation.
page() { MANWIDTH=1000 man "$1" 2>/dev/null | sed 's/\xe2\x80\x90/-/g' | tr '\n' ' '; }

test_every_member_of_the_interface_is_in_the_manual_page() {
    local text member count=0
    text=$(page org.example.PiImages)
    while read -r member; do
        assert_contains "$text" " $member "
        count=$((count + 1))
    done < <(sed -n 's/.*<\(method\|signal\|property\) name="\([A-Za-z]*\)".*/\2/p' /usr/share/dbus-1/interfaces/org.example.PiImages.xml)
    (( count > 40 )) || fail "only $count members"
    assert_contains "$text" 'below a directory of /run/piimages that only the caller can enter'
}

test_the_manual_pages_that_the_unit_names_exist() {
    local pages name count=0
    pages=$(systemctl show --property Documentation --value piimagesd)
    for name in ${pages//\"}; do
        name=${name#man:}
        man --where "${name%(*}" >/dev/null || fail "there is no manual page $name"
        count=$((count + 1))
    done
    (( count == 2 )) || fail "$count pages: $pages"
}

test_the_documents_that_the_manual_pages_name_are_installed() {
    local name file count=0
    for name in piimagesctl pifile piimagesd org.example.PiImages; do
        for file in $(page "$name" | grep -oE '(/usr/share/doc/|docs/)[A-Za-z0-9/._-]*[A-Za-z0-9]'); do
            [[ $file == /* && -e $file ]] || fail "$name names $file"
            count=$((count + 1))
        done
    done
    (( count >= 3 )) || fail "only $count documents"
}
