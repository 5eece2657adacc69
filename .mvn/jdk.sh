# Finds a JDK 25 or newer. Sourced by mvnw, .ci/run and samples/run; POSIX sh.
#
# find_jdk sets and exports JAVA_HOME: the caller's own when it is one, else the newest JDK 25 from the usual places, else
# the first one there of a later feature version. With none it prints one sentence on stderr and returns 1.
#
# jdk_can_hang DIRECTORY tells whether virtual threads that wait may wait for ever on this JDK: 25 before 25.0.4.

tenon_jdk=25
# JDK-8369227 is fixed in 25.0.3, JDK-8373120 in 25.0.4.
tenon_jdk_fixed=25.0.4

# Prints the version of the JDK in $1, such as 25.0.4, and nothing when there is no JDK.
jdk_full_version() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 0
    if [ -r "$1/release" ]; then
        sed -n 's/^JAVA_VERSION="\([0-9][0-9.]*\).*/\1/p' "$1/release"
    else
        "$1/bin/java" -version 2>&1 </dev/null | sed -n '1s/.*version "\([0-9][0-9.]*\).*/\1/p'
    fi
}

# Prints the feature version of the JDK in $1, nothing when there is no JDK.
jdk_version() {
    jdk_full_version "$1" | sed 's/\..*//'
}

# Prints a version as one number, so that later versions are larger.
jdk_order() (
    IFS=.
    # shellcheck disable=SC2086
    set -- $1
    printf '%d%04d%04d%04d\n' "${1:-0}" "${2:-0}" "${3:-0}" "${4:-0}"
)

jdk_can_hang() {
    [ "$(jdk_version "$1")" = "$tenon_jdk" ] &&
        [ "$(jdk_order "$(jdk_full_version "$1")")" -lt "$(jdk_order "$tenon_jdk_fixed")" ]
}

# Prints the folders that may be a JDK, one a line.
jdk_places() {
    for place in /usr/lib/jvm/* /usr/java/* /opt/* /opt/*/Contents/Home /usr/local/openjdk* \
        "${HOME:-/}"/.sdkman/candidates/java/* "${HOME:-/}"/.jdks/* \
        "${HOME:-/}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
        /Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
        printf '%s\n' "$place"
    done
    if [ -x /usr/libexec/java_home ]; then
        /usr/libexec/java_home -v "$tenon_jdk" 2>/dev/null || :
    fi
    if on_path=$(command -v javac 2>/dev/null); then
        # A link farm such as /usr/bin leads to the JDK's own bin folder.
        while [ -L "$on_path" ]; do
            target=$(readlink "$on_path")
            case $target in
                /*) on_path=$target ;;
                *) on_path=$(dirname "$on_path")/$target ;;
            esac
        done
        (cd "$(dirname "$on_path")/.." 2>/dev/null && pwd -P) || :
    fi
}

find_jdk() {
    if [ -n "${JAVA_HOME:-}" ]; then
        version=$(jdk_version "$JAVA_HOME")
        if [ "${version:-0}" -ge "$tenon_jdk" ]; then
            export JAVA_HOME
            return 0
        fi
    fi
    best=
    best_order=0
    later=
    while IFS= read -r place; do
        version=$(jdk_full_version "$place")
        feature=${version%%.*}
        if [ "${feature:-0}" -eq "$tenon_jdk" ]; then
            order=$(jdk_order "$version")
            if [ "$order" -gt "$best_order" ]; then
                best=$place
                best_order=$order
            fi
        elif [ -z "$later" ] && [ "${feature:-0}" -gt "$tenon_jdk" ]; then
            later=$place
        fi
    done <<PLACES
$(jdk_places)
PLACES
    if [ -n "${best:-$later}" ]; then
        JAVA_HOME=${best:-$later}
        export JAVA_HOME
        return 0
    fi
    echo "Tenon needs a JDK $tenon_jdk or newer and found none: install one (for example the package openjdk-25-jdk or temurin-25-jdk), or set JAVA_HOME to it." >&2
    return 1
}
