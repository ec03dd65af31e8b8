# What piimagesctl prints, on a terminal and elsewhere.
# shellcheck shell=bash

# on_terminal COLUMNS COMMAND [VARIABLE=VALUE]...: prints the output of a command that alice runs on a terminal of that width.
on_terminal() {
    as_user alice env TERM=xterm "${@:3}" script --quiet --return --command "stty columns $1; $2" /dev/null </dev/null | tr -d '\r'
}

test_tables_fit_the_terminal_and_are_coloured_only_there() {
    local image said escape=$'\e'
    image=$(pi_image alice)
    mount_image alice "$image" >/dev/null
    said=$(on_terminal 60 'piimagesctl list')
    assert_contains "$said" "${escape}[4m"
    said=${said//"${escape}[4m"/}
    (( $(LC_ALL=C.UTF-8 wc --max-line-length <<<"${said//"${escape}[0m"/}") <= 60 )) || fail "wider than the terminal: $said"
    assert_lacks "$(on_terminal 60 'piimagesctl list' NO_COLOR=)" "$escape"
    assert_lacks "$(on_terminal 60 'piimagesctl list' NO_COLOR=1)" "$escape"
    said=$(as_user alice piimagesctl list)
    assert_lacks "$said" "$escape"
    assert_contains "$said" "$image"
    umount_image alice "$image"
}

test_a_table_that_is_longer_than_the_terminal_is_shown_in_a_pager() {
    local image paged='sed s/^/paged:/'
    image=$(pi_image alice)
    mount_image alice "$image" >/dev/null
    assert_matches "$(on_terminal 120 'stty rows 3; piimagesctl list' SYSTEMD_PAGER="$paged")" 'paged:.*paged:1 image mounted'
    assert_lacks "$(on_terminal 120 'stty rows 3; piimagesctl list --no-pager' SYSTEMD_PAGER="$paged")" paged
    assert_lacks "$(on_terminal 120 'stty rows 3; piimagesctl list' SYSTEMD_PAGER= PAGER="$paged")" paged
    assert_lacks "$(on_terminal 120 'stty rows 20; piimagesctl list' SYSTEMD_PAGER="$paged")" paged
    assert_lacks "$(as_user alice env LINES=3 SYSTEMD_PAGER="$paged" piimagesctl list)" paged
    # A pager that is missing, or exits immediately, is not an error.
    assert_contains "$(on_terminal 120 'stty rows 3; piimagesctl list' PAGER=no-such-pager)" '1 image mounted.'
    assert_eq '' "$(on_terminal 120 'stty rows 3; piimagesctl list' PAGER=true)"
    assert_contains "$(on_terminal 120 'stty rows 3; piimagesctl list </dev/null; echo status $?' PAGER=less)" "status 0"
    umount_image alice "$image"
}

test_json_output_has_no_legend() {
    local image
    image=$(pi_image alice)
    mount_image alice "$image" >/dev/null
    assert_eq "$image" "$(as_user alice piimagesctl --json=pretty list | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["image"])')"
    assert_eq 1 "$(as_user alice piimagesctl --json=short list | wc -l)"
    assert_eq 1 "$(as_user alice piimagesctl --no-legend --no-pager list | wc -l)"
    umount_image alice "$image"
}
