# The host's tools in emulated runs, which they make faster: the resulting files are the same, and nothing of the tools is left.
# shellcheck shell=bash disable=SC2016  # sh -c expands it

time_limit=300

# An image of the host's own release.
debian_image() { user_image alice real --boot-fs ext4 --suite "$(host_release)"; }

run() { as_user alice piimagesctl run "$@"; }

# host_tools_of IMAGE: prints the packages whose tools a machine of that image uses, as the bus reports them: "as 0" if it uses none.
host_tools_of() {
    start_machine alice "$1" looked-at sleep 300
    busctl get-property org.example.PiImages /org/example/PiImages/machine/looked_2dat org.example.PiImages.Machine HostTools
    machinectl terminate looked-at
    wait "$runner" || true
    wait_until 15 machine_is_gone looked-at
}

# build_packages DIRECTORY: builds five packages with maintainer scripts, in sh and perl, that do what such scripts usually do.
build_packages() {
    local number tree name
    for number in 1 2 3 4 5; do
        name=tools-test-$number tree=$1/tools-test-$number
        mkdir -p "$tree"/{DEBIAN,"usr/share/$name","etc/$name"}
        printf '%s\n' "Package: $name" 'Version: 1' 'Architecture: armhf' 'Maintainer: Nobody <nobody@example.org>' \
            "Description: package $number" >"$tree/DEBIAN/control"
        for file in {1..60}; do echo "file $file of $name" >"$tree/usr/share/$name/$file"; done
        ln -s 1 "$tree/usr/share/$name/link"
        install -m 4750 /dev/null "$tree/usr/share/$name/setuid"
        echo "answer=$number" >"$tree/etc/$name/settings"
        echo "/etc/$name/settings" >"$tree/DEBIAN/conffiles"
        script "$name" >"$tree/DEBIAN/postinst"
        chmod 755 "$tree/DEBIAN/postinst"
        dpkg-deb --build --root-owner-group -Zxz "$tree" "$1" >/dev/null
    done
    perl_script >"$1/tools-test-5/DEBIAN/postinst"
    dpkg-deb --build --root-owner-group -Zgzip "$1/tools-test-5" "$1" >/dev/null
}

script() {
    cat <<END
#!/bin/sh
set -e
cd /usr/share/$1
sed -i 's/file \([0-9]*\)/File <\1>/' 1 2 3
find . -type f -name '*[02468]' -print | sort | xargs grep -h of >even
tar cf - --sort=name --mtime=@0 1 2 3 | gzip -n9 >three.tar.gz
install -d -m 2755 -o daemon -g mail made
cp -a link made/copy
stat -c '%n %a %U %s' setuid settings 2>/dev/null >>made/stat || true
printf '%s\n' "\$(uname -m)" "\$(dpkg --print-architecture)" "\$(basename "\$0")" "\$1" >made/asked
md5sum /bin/sed /bin/dash /usr/bin/dpkg /usr/bin/perl >made/sums
diff 1 4 >made/diff || true
dpkg-divert --add --rename --divert /usr/share/$1/diverted /usr/share/$1/5 >/dev/null
update-alternatives --install /usr/bin/$1 $1 /usr/share/$1/6 10 >/dev/null
END
}

perl_script() {
    cat <<'END'
#!/usr/bin/perl -w
use strict;
use Config;
use Fcntl;
use File::Basename;
use POSIX qw(strftime);
open(my $out, '>', '/usr/share/tools-test-5/perl') or die;
print $out join("\n", $Config{archname}, $Config{byteorder}, basename($0), @ARGV, strftime('%F', gmtime(0)), sort(keys(%ENV))), "\n";
close($out);
system("sh", "-c", "sort -r /usr/share/tools-test-5/perl | head -n 2 >/usr/share/tools-test-5/sorted") == 0 or die;
END
}

# Prints everything in an image except times: names, types, modes, owners, links, contents. dpkg's log and ldconfig's caches contain times.
tree_of() { # IMAGE
    local where
    where=$(piimagesctl mount "$1")
    (cd "$where" && find . \( -path ./var/log/dpkg.log -o -path ./var/log/alternatives.log -o -path ./var/cache/ldconfig \) -prune -o \
        -printf '%p %y %m %U:%G %l\n' | sort && find . -type f ! -path './var/log/*' ! -path './var/cache/ldconfig/*' -print0 | sort -z \
        | xargs -0 sha256sum)
    piimagesctl umount "$1"
}

test_an_emulated_run_uses_the_hosts_tools_and_reports_them() {
    local shown
    shown=$(host_tools_of "$(debian_image)")
    for package in coreutils dash dpkg grep sed tar; do assert_contains "$shown" "\"$package\""; done
    assert_eq 'as 0' "$(host_tools_of "$(pi_image alice)")" "tools for an image without dpkg"
}

test_programs_whose_results_depend_on_the_cpu_are_the_images_own() {
    local image
    image=$(debian_image)
    assert_eq "armv7l armhf armhf" "$(run "$image" -- sh -c \
        'echo $(uname -m) $(dpkg --print-architecture) $(dpkg-query --show --showformat "\${Architecture}" dash)')"
    assert_eq arm-linux-gnueabihf-thread-multi-64int "$(run "$image" -- perl -MConfig -e 'print $Config{archname}')"
    assert_eq "$(run --host-tools=off "$image" -- env | grep -v container_uuid | sort)" \
        "$(run "$image" -- env | grep -v container_uuid | sort)" environment
    # The results of 64-bit and 80-bit arithmetic differ.
    assert_eq "$(run --host-tools=off "$image" -- /usr/bin/printf %.20f 0.1)" "$(run "$image" -- /usr/bin/printf %.20f 0.1)"
    assert_eq "$(run --host-tools=off "$image" -- sh -c 'cd /bin && sha256sum sed dash tar')" \
        "$(run "$image" -- sh -c 'cd /bin && sha256sum sed dash tar')" "what is read of a tool"
}

test_packages_install_the_same_files_with_and_without_host_tools() {
    local without with
    without=$(debian_image)
    with=$(debian_image)
    as_user alice mkdir "$WORK/alice/debs"
    build_packages "$WORK/alice/debs"
    chmod 644 "$WORK"/alice/debs/*.deb
    run --bind-ro="$WORK/alice/debs:/mnt" --host-tools=off "$without" -- sh -c 'dpkg -i /mnt/*.deb && dpkg -P tools-test-2' >/dev/null
    run --bind-ro="$WORK/alice/debs:/mnt" "$with" -- sh -c 'dpkg -i /mnt/*.deb && dpkg -P tools-test-2' >/dev/null
    tree_of "$without" >tree.without
    tree_of "$with" >tree.with
    assert_contains "$(cat tree.with)" ./usr/share/tools-test-5/sorted
    diff tree.without tree.with >difference || fail "$(head -n 40 difference)"
    echo "figures: compared five packages, $(grep -c ' f [0-7]* ' tree.with) files"
}

test_an_upgraded_tool_is_used_immediately() {
    local image tree=$WORK/alice/new
    image=$(debian_image)
    mkdir -p "$tree/DEBIAN" "$tree/bin"
    in_debian "$image" 'dump /usr/bin/true '"$tree/bin/sed"
    chmod 755 "$tree/bin/sed"
    printf '%s\n' 'Package: sed' 'Version: 99' 'Architecture: armhf' 'Maintainer: Nobody <nobody@example.org>' 'Essential: yes' \
        'Description: another' >"$tree/DEBIAN/control"
    dpkg-deb --build --root-owner-group "$tree" "$WORK/alice/sed.deb" >/dev/null
    chmod 644 "$WORK/alice/sed.deb"
    assert_eq "sed true" "$(run --bind-ro="$WORK/alice/sed.deb:/run/sed.deb" "$image" -- sh -c '
        before=$(sed --version | sed -n "1s/.*GNU sed.*/sed/p"); dpkg -i /run/sed.deb >/dev/null
        echo $before $(sed --version | grep -o true | head -n 1)')"
    assert_lacks "$(host_tools_of "$image")" '"sed"'
}

# in_debian IMAGE COMMAND: runs a debugfs command on the root partition of a real image.
in_debian() {
    local start
    start=$(sfdisk --dump "$1" | sed -n '2,$s/.*2 : start= *\([0-9]*\).*/\1/p')
    debugfs -R "$2" "$1?offset=$((start * 512))" 2>/dev/null
}

test_programs_in_a_chroot_in_the_machine_are_emulated() {
    local image
    image=$(debian_image)
    assert_eq "sed armv7l" "$(run "$image" -- sh -c 'mkdir -p /c/usr/bin /c/usr/lib/arm-linux-gnueabihf && ln -s usr/bin usr/lib /c &&
        cd /usr/lib/arm-linux-gnueabihf && cp -a libc.so* libacl.so* libselinux.so* libpcre2-8.so* ld-linux-armhf.so* /c/usr/lib/arm-linux-gnueabihf &&
        cp -a /usr/lib/ld-linux-armhf.so.3 /c/usr/lib && cp -a /bin/sh /bin/dash /bin/sed /bin/grep /bin/uname /c/usr/bin &&
        chroot /c /bin/sh -c "echo \$(sed --version | grep -q GNU && echo sed) \$(uname -m)"')"
}

# The output of "readlink /proc/self/exe" shows which program ran: a tool prints its own path; for an emulated program, qemu supplies its
# path in the image.
own=/usr/bin/readlink tool=/run/piimages/tools/t/readlink

test_a_tool_replaces_only_the_file_that_was_verified() {
    assert_eq "$tool $tool $tool /root/copy $own $own $own" "$(run "$(debian_image)" -- sh -ec 'cd /usr/bin
        which=/proc/self/exe
        ln -s /usr/bin/readlink /root/link; cp -a readlink /root/copy
        echo $(readlink $which) $(./readlink $which) $(/root/link $which) $(/root/copy $which)
        # The variable is for the dynamic loader.
        LD_BIND_NOW=1 readlink $which
        # First the same file after it was written to, then another file with the same content.
        dd if=readlink of=readlink bs=1 count=1 conv=notrunc status=none; readlink $which
        cp -a readlink new; mv new readlink; readlink $which' | xargs)"
}

test_a_program_that_changed_since_the_last_run_is_not_replaced() {
    local image change
    image=$(debian_image)
    assert_eq "$tool" "$(run "$image" -- readlink /proc/self/exe)"
    # The program is changed in place, after the bytes that the kernel compares; no package changes, and the same daemon runs.
    change='cat readlink >/root/r; cd /usr/bin; at=$(grep -abo "Usage: " /root/r | head -n 1 | cut -d: -f1)
        printf Other: | dd of=/root/r bs=1 seek=$at conv=notrunc status=none; cat /root/r >readlink'
    run --host-tools=off "$image" -- sh -ec "cd /usr/bin; $change"
    assert_contains "$(run "$image" -- readlink --help)" 'Other: '
    assert_contains "$(host_tools_of "$image")" '"coreutils"'
    # When it has been restored, it is verified again.
    run --host-tools=off "$image" -- sh -ec 'sed -i s/Other:/Usage:/ /root/r; cat /root/r >/usr/bin/readlink'
    assert_eq "$tool" "$(run "$image" -- readlink /proc/self/exe)"
}

test_a_program_that_was_exchanged_for_another_is_not_replaced() {
    local image
    image=$(debian_image)
    run --host-tools=off "$image" -- sh -c 'cp /usr/bin/cat /usr/bin/sed.new && mv /usr/bin/sed.new /usr/bin/sed'
    assert_contains "$(run "$image" -- sed --version)" 'cat (GNU coreutils)'
}

# Perl loads modules for the image's CPU, wherever they are; and the size of its integers and its path are those of the image's program.
test_perl_is_the_images_own() {
    local image said
    image=$(debian_image)
    # shellcheck disable=SC2016
    said=$(run "$image" -- sh -ec 'site=$(perl -MConfig -e "print \$Config{sitearch}"); mkdir -p $site /opt/p/auto/List/Util /opt/p/List
        echo "package Found; sub it { q(found) } 1;" >$site/Found.pm; perl -MFound -e "print Found::it(), qq(\n)"
        cd /usr/lib/arm-linux-gnueabihf/perl-base; cp auto/List/Util/Util.so /opt/p/auto/List/Util; cp List/Util.pm /opt/p/List
        PERL5LIB=/opt/p perl -MList::Util=sum -e "print sum(40, 2), qq(\n)"
        perl -e "print length(pack(q(L!), 1)), qq( \$^X\n)"' | xargs)
    assert_eq 'found 42 4 /usr/bin/perl' "$said"
}

# Prints the files below a path in the image, and checksums of their contents.
files_below() { # IMAGE PATH
    local where
    where=$(piimagesctl mount --read-only "$1")
    (cd "$where$2" && find . -printf '%p %y %m %U:%G %l\n' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum)
    piimagesctl umount "$1"
}

test_commands_have_the_same_output_and_files_with_and_without_host_tools() {
    local tools image where lines
    mkdir -m 755 "$WORK/commands"
    cp "$testbed"/tests/host-tools-{commands,run} "$WORK/commands"
    for tools in off auto; do
        image=$(debian_image)
        run --host-tools=$tools --bind-ro="$WORK/commands:/run/commands" "$image" -- sh /run/commands/host-tools-run 3
        where=$(piimagesctl mount --read-only "$image")
        (cd "$where/root/compared" && for number in $(printf '%s\n' [0-9]* | sort -n); do cat "$number/.said"; done) >"said.$tools"
        piimagesctl umount "$image"
        files_below "$image" /root/compared >"files.$tools"
    done
    lines=$(($(grep -c -v '^#' "$testbed/tests/host-tools-commands") / 3))
    assert_eq "$lines" "$(grep -c '^status ' said.auto)" "lines that were run"
    diff said.off said.auto >difference || fail "$(head -n 40 difference)"
    diff files.off files.auto >difference || fail "$(head -n 40 difference)"
    echo "figures: compared $lines lines of commands, $(wc -l <said.auto) lines of output, $(grep -c ' f [0-7]* ' files.auto) files"
}

# qemu 8.2 and later, as in Debian 13, show the /proc/cpuinfo of an ARM CPU to emulated programs.
test_all_programs_see_the_same_cpu() {
    local image script='cat /proc/cpuinfo; grep -c . /proc/cpuinfo; while read -r line; do echo "$line"; done </proc/cpuinfo'
    image=$(debian_image)
    run --host-tools=off "$image" -- sh -c "$script" >cpu.off
    run "$image" -- sh -c "$script" >cpu.auto
    diff cpu.off cpu.auto >difference || fail "$(head -n 40 difference)"
    assert_contains "$(run "$image" -- readlink /proc/self/exe)" /run/piimages/tools/
}

test_machines_with_the_users_of_the_host_have_no_host_tools() {
    local image
    image=$(debian_image)
    assert_eq "$(run --user=pi --host-tools=off "$image" -- id)" "$(run --user=pi "$image" -- id)"
    assert_eq 0 "$(piimagesctl run --host-users "$image" -- sh -c 'ls /run/piimages | grep -c tools || true')"
    # No entries for tools appear among those of the host.
    assert_eq '' "$(find /proc/sys/fs/binfmt_misc -name 'tool-*')"
    assert_fails_with 125 'auto or off' -- run --host-tools=maybe "$image" -- true
}

# print_process_names OPTION... IMAGE: runs programs that are started in different ways, each of which prints the name of its process.
print_process_names() {
    run "$@" -- sh -c '
        cd /root
        printf "#!/bin/sh\ncat /proc/\$\$/comm\n" >called-so
        printf "#!/bin/sh\n:; sed -n p /proc/\$\$/comm; pgrep -x a.name.of.more. >/dev/null; echo \$?\n" >"a name of more than fifteen bytes \303\244"
        printf "#!/usr/bin/env sh\ncat /proc/\$\$/comm\n" >by-env
        chmod +x called-so a* by-env
        ln -sf /bin/sed linked
        ./called-so; ./a*; ./by-env
        sh -c "cat /proc/\$\$/comm"; dash -c "cat /proc/\$\$/comm"; cat /proc/self/comm; head /proc/self/comm
        ./linked p -n /proc/self/comm
        (exec -a other sed p /proc/self/comm) 2>/dev/null
        perl -e "exec {q(/bin/cat)} q(x y), q(/proc/self/comm)"; perl -e "print qx(cat /proc/self/comm)"
        find /etc/hostname -exec cat /proc/self/comm ";"; tr a a </proc/self/comm; xargs cat </dev/null /proc/self/comm'
}

test_processes_have_the_same_names_with_and_without_host_tools() {
    local image
    image=$(debian_image)
    print_process_names --host-tools=off "$image" >names.off 2>&1
    print_process_names "$image" >names.auto 2>&1
    diff names.off names.auto || fail "the names are others"
    assert_eq 'called-so' "$(head -n 1 names.auto)"
    assert_eq '14 1' "$(wc -l <names.auto) $(grep -c '^dash$' names.auto)" "names: $(cat names.auto)"
}

# The kernel passes the open program to the emulator, and gives the process the rights that result from the program's mode.
test_execute_only_and_setuid_tools_work_as_without_host_tools() {
    local image tools
    image=$(debian_image)
    run "$image" -- sh -c 'chmod 711 /usr/bin/sed; chmod 4755 /usr/bin/id; chmod 2755 /usr/bin/stat; chgrp mail /usr/bin/stat'
    for tools in off auto; do
        run --host-tools=$tools "$image" -- setpriv --reuid=1000 --regid=1000 --clear-groups sh -c '
            echo text | sed s/x/y/; id; stat -c %n /proc/self/../self; head /usr/bin/sed; echo $?
            find /proc/self/fd -mindepth 1 | sort; cp /usr/bin/id copy 2>&1
            (ulimit -n 3; sed --version | head -n 1); exec 3</dev/null; cat /proc/self/fdinfo/3 | head -n 1' >"rights.$tools" 2>&1
    done
    diff rights.off rights.auto || fail "the rights are others"
    assert_eq teyt "$(head -n 1 rights.auto)"
}

test_a_setuid_program_is_not_replaced() {
    local image
    image=$(debian_image)
    assert_contains "$(run "$image" -- readlink /proc/self/exe)" /run/piimages/tools/
    run "$image" -- chmod 4755 /usr/bin/readlink
    assert_lacks "$(run "$image" -- readlink /proc/self/exe)" /run/piimages/tools/
    run "$image" -- chmod 755 /usr/bin/readlink
    assert_contains "$(run "$image" -- readlink /proc/self/exe)" /run/piimages/tools/
}

# The modules that look up such users are built for the image's CPU.
test_host_tools_are_not_used_if_users_are_not_in_files() {
    local image
    image=$(debian_image)
    run "$image" -- sh -c 'printf "passwd: files extrausers\ngroup: files\n" >/etc/nsswitch.conf'
    assert_eq 'as 0' "$(host_tools_of "$image")"
    run "$image" -- sh -c 'printf "passwd: files systemd\ngroup: files [SUCCESS=merge] systemd\n" >/etc/nsswitch.conf'
    assert_matches "$(host_tools_of "$image")" '^as [1-9]'
    run "$image" -- mkdir /etc/userdb
    assert_eq 'as 0' "$(host_tools_of "$image")"
}

test_host_tools_work_in_a_read_only_image_and_leave_it_unchanged() {
    local image before
    image=$(debian_image)
    before=$(sum_of "$image")
    assert_eq 131 "$(run --read-only "$image" -- sh -c 'seq 131 | sed -n "\$p"')"
    assert_eq "$before" "$(sum_of "$image")"
}

test_exit_statuses_and_streams_are_those_of_the_command() {
    local image
    image=$(debian_image)
    assert_fails_with 3 '' -- run "$image" -- sh -c 'exit 3'
    assert_fails_with 143 '' -- run "$image" -- sh -c 'kill -TERM $$'
    assert_fails_with 127 'not found in the image' -- run "$image" -- no-such-program
    assert_eq abc "$(echo abc | run "$image" -- cat)"
    assert_eq /srv "$(run --directory /srv "$image" -- pwd)"
}

# Copies of tools that a daemon did not complete have a different name. Copies of packages that the host no longer has are removed.
test_incomplete_and_outdated_copies_of_tools_are_removed() {
    local image
    image=$(debian_image)
    run "$image" -- true
    assert_eq 1 "$(find /var/cache/piimages/host-tools -mindepth 1 -maxdepth 1 | wc -l)" copies
    mkdir -p /var/cache/piimages/host-tools/armhf-0123456789abcdef.new
    touch /var/lib/dpkg/status
    run "$image" -- true
    wait_until 10 eval '[[ $(find /var/cache/piimages/host-tools -mindepth 1 -maxdepth 1 | wc -l) == 1 ]]'
    assert_eq '' "$(find /var/cache/piimages/host-tools -maxdepth 1 -name '*.new')"
    # As after a power failure.
    truncate --size=1000 /var/cache/piimages/host-tools/armhf-*/tools/lib64/libc.so.6
    systemctl restart piimagesd.service
    assert_eq "GNU sed" "$(run "$image" -- sed --version | grep -o -m 1 'GNU sed' | head -n 1)"
    (( $(stat --format %s /var/cache/piimages/host-tools/armhf-*/tools/lib64/libc.so.6) > 1000000 )) || fail "the copy is still short"
}
