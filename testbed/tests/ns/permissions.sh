# The table of permissions: the policy, the manual and docs/security.md match it, and a real polkitd applies it to callers in real sessions.
# shellcheck shell=bash
time_limit=240

# A row for each operation: its polkit action ("-" if polkit is not asked), its authorisation for an active user at the seat and for any
# other one, the image that it is applied to, and the command. The image is: any (none in particular), own (the caller's, not mounted), mine
# (the caller's, mounted), other (another user's, mounted, with a machine), none (the operation is not tested). $image is the path of the
# image, $object its object, $machine the object of its machine.
table() {
    cat <<'END'
-                  yes             yes        any    busctl call org.example.PiImages /org/example/PiImages org.example.PiImages.Manager ListImages
-                  yes             yes        other  busctl get-property org.example.PiImages $object org.example.PiImages.Image Owner
-                  yes             yes        other  busctl get-property org.example.PiImages $machine org.example.PiImages.Machine State
mount              yes             auth_admin own    client mount $image
run                yes             auth_admin own    client run $image -- true
check              yes             auth_admin own    piimagesctl check $image
resize             yes             auth_admin own    piimagesctl grow $image 64M
convert            yes             auth_admin own    piimagesctl copy $image $image.copy.$kind
use-device         yes             auth_admin none
use-fixed-device   auth_admin_keep auth_admin none
write-device       auth_admin_keep auth_admin none
write-fixed-device auth_admin      auth_admin none
read-device        auth_admin_keep auth_admin none
read-fixed-device  auth_admin      auth_admin none
release            yes             yes        mine   client unmount $object
run-privileged     auth_admin_keep auth_admin own    client run $image host-users -- true
run-privileged     auth_admin_keep auth_admin own    client run $image capabilities,=CAP_NET_ADMIN -- true
manage-interpreters auth_admin_keep auth_admin any   busctl call org.example.PiImages /org/example/PiImages org.example.PiImages.Manager UnregisterInterpreter s armv7l
manage-others      auth_admin_keep auth_admin other  client run $object -- true
manage-others      auth_admin_keep auth_admin other  busctl call org.example.PiImages $machine org.example.PiImages.Machine Kill i 23
manage-others      auth_admin_keep auth_admin other  client unmount $object
END
}

# The callers: user, kind of session, and the column that applies. Root is last, because it may unmount what the others may not.
callers() {
    cat <<'END'
nobody none     any
alice  active   active
alice  none     any
alice  remote   any
alice  inactive any
bob    active   active
root   none     root
END
}

policy() { pkaction --verbose --action-id "org.example.PiImages.$1"; }

test_the_policy_matches_the_table() {
    local action active any said
    while read -r action active any _; do
        [[ $action != - ]] || continue
        said=$(policy "$action")
        assert_matches "$said" "implicit any: +$any"$'\n'
        assert_matches "$said" "implicit inactive: +$any"$'\n'
        assert_matches "$said" "implicit active: +$active"
        # The dialog's message names the operation, and contains a variable for the file or disk.
        assert_matches "$said" 'message:.*\$\((file|device)\)'
    done < <(table)
    assert_eq "$(table | awk '$1 != "-" { print "org.example.PiImages." $1 }' | sort -u)" \
        "$(pkaction | grep '^org\.example\.PiImages\.' | sort)" "actions"
}

test_the_manual_and_the_security_document_match_the_table() {
    local action active any where
    while read -r action active any _; do
        [[ $action != - ]] || continue
        for where in "$testbed/../docs/security.md" "$testbed/../docs/piimagesctl.1"; do
            assert_contains "$(words "$where")" "$action $(in_words "$active") $(in_words "$any")"
        done
    done < <(table)
}

in_words() {
    case $1 in
        auth_admin_keep) echo 'administrator, kept for a while' ;;
        auth_admin) echo administrator ;;
        *) echo "$1" ;;
    esac
}

# Separates the cells of tables by a space, instead of Markdown's bars and backticks and the manual's tabs and escapes.
words() { sed -e 's/\\-/-/g' -e 's/[|`\t]/ /g' -e 's/  */ /g' "$1"; }

# verdict COMMAND...: prints "yes", or "no" if the caller is not authorised. Any other failure fails the test, except that there is no
# interpreter to unregister.
verdict() {
    local said
    if said=$("$@" 2>&1 >/dev/null); then
        echo yes
    elif [[ $said =~ InteractiveAuthorizationRequired|'authentication is required'|'to ask for a password'|'no way to ask for it' ]]; then
        echo no
    elif [[ $said =~ 'was registered permanently' ]]; then
        echo yes
    else
        fail "$* said ${said@Q}"
    fi
}

# judge WHOSE USER KIND WORD...: prints the verdict on a row's command, called by that user in a session of that kind.
judge() {
    local whose=$1 user=$2 kind=$3 owner=$2 object='' image words=${*:4}
    if [[ $whose == other ]]; then
        [[ $user == alice ]] && owner=bob || owner=alice
        object=${objects[$owner]}
    fi
    image=${images[$owner]}
    [[ $whose != mine ]] || object=$(mounted_for "$owner" "$image")
    words=${words//\$image/$image} words=${words//\$kind/$kind} words=${words//\$object/$object} words=${words//\$machine/${machine_prefix}$owner}
    words=${words/#client /$client }
    # shellcheck disable=SC2086  # a command and its arguments, which contain no spaces
    if [[ $user == root ]]; then verdict $words; else verdict as_user_in "$kind" "$user" $words; fi
    [[ $whose == other ]] || unmount_if_mounted "$image"
}

unmount_if_mounted() {
    local object
    if object=$("$client" get "$1" 2>/dev/null); then "$client" unmount "$object"; fi
}

# mounted_for USER IMAGE: mounts the image as that user, and prints its object. A temporary polkit rule authorises the user nobody, who
# otherwise may not mount images.
mounted_for() {
    local rule=/etc/polkit-1/rules.d/10-permissions.rules
    if [[ $1 == root ]]; then "$client" mount "$2"; return; fi
    if [[ $1 != nobody ]]; then as_user "$1" "$client" mount "$2"; return; fi
    echo 'polkit.addRule(function(a, s) { if (a.id == "org.example.PiImages.mount" && s.user == "nobody") { return "yes"; } });' \
        | install_polkit_rule "${rule##*/}"
    wait_until 10 as_user_in none nobody "$client" mount "$2"
    rm "$rule"
    wait_until 10 eval '! as_user_in none nobody "$client" mount '"'$2'"' read-only 2>&1 | grep -q Busy'
    as_user_in none nobody "$client" get "$2"
}

expected() { # COLUMN ACTIVE ANY
    case $1 in
        root) echo yes ;;
        active) echo "${2/#auth_*/no}" ;;
        any) echo "${3/#auth_*/no}" ;;
    esac
}

test_callers_of_each_kind_are_authorised_according_to_the_table() {
    local action active any whose user kind column wanted got row machine_prefix=/org/example/PiImages/machine/of_2d
    local -A images objects
    local runners=()
    for user in alice bob; do
        images[$user]=$(pi_image "$user")
        objects[$user]=$(as_user "$user" "$client" mount "${images[$user]}")
        start_machine "$user" "$(pi_image "$user")" "of-$user" sleep 300
        runners+=("$runner")
    done
    for user in alice bob nobody root; do images[$user]=$(pi_image "$user"); done
    while read -r user kind column; do
        while read -r action active any whose row; do
            # The bed has no disk that could be written to or read.
            [[ $whose != none ]] || continue
            wanted=$(expected "$column" "$active" "$any")
            # shellcheck disable=SC2086  # words
            got=$(judge "$whose" "$user" "$kind" $row) || fail "$got"
            assert_eq "$wanted" "$got" "$user, $kind, $action: $row"
        done < <(table)
    done < <(callers)
    systemctl stop piimages-of-alice.service piimages-of-bob.service
    wait "${runners[@]}" || true
    "$client" unmount "${objects[bob]}"
}

# The bus reports groups in ascending order, and most users at a desktop are in some groups of Debian, which have low numbers.
test_a_user_whose_primary_group_is_not_the_lowest_can_create_files() {
    local image where
    image=$(pi_image alice)
    may_change "${accounts[@]}"
    usermod --append --groups cdrom alice
    trap 'gpasswd --delete alice cdrom >/dev/null' EXIT
    where=$(mount_image alice "$image")
    as_user alice sh -c 'echo new >"$1/root/new" && mkdir "$1/root/directory"' sh "$where"
    umount_image alice "$image"
    assert_eq 0:0 "$(owner_in_image "$image" /root/new)"
    assert_eq 0:0 "$(owner_in_image "$image" /root/directory)"
}
