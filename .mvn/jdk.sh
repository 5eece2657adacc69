# Finds a JDK 25 or newer. Sourced by mvnw and samples/run; POSIX sh.
#
# find_jdk sets and exports JAVA_HOME: the caller's own when it is one, else a JDK 25 from the usual places, else the
# first newer one there. With none it prints one sentence on stderr and returns 1.

tenon_jdk=25

# Prints the feature version of the JDK in $1, nothing when there is no JDK.
jdk_version() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 0
    if [ -r "$1/release" ]; then
        sed -n 's/^JAVA_VERSION="\([0-9][0-9]*\).*/\1/p' "$1/release"
    else
        "$1/bin/java" -version 2>&1 </dev/null | sed -n '1s/.*version "\([0-9][0-9]*\).*/\1/p'
    fi
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
    newer=
    while IFS= read -r place; do
        version=$(jdk_version "$place")
        if [ "${version:-0}" -eq "$tenon_jdk" ]; then
            JAVA_HOME=$place
            export JAVA_HOME
            return 0
        fi
        if [ -z "$newer" ] && [ "${version:-0}" -gt "$tenon_jdk" ]; then
            newer=$place
        fi
    done <<PLACES
$(jdk_places)
PLACES
    if [ -n "$newer" ]; then
        JAVA_HOME=$newer
        export JAVA_HOME
        return 0
    fi
    echo "Tenon needs a JDK $tenon_jdk or newer and found none: install one (for example the package openjdk-25-jdk or temurin-25-jdk), or set JAVA_HOME to it." >&2
    return 1
}
