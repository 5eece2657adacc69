package dev.tenon.hub;

import dev.tenon.error.InvalidOptionException;
import java.net.URI;
import java.util.Locale;
import java.util.Objects;

/** Addresses of files. Queries and user names may hold secrets: no text that is made here has them. */
final class Addresses {
    private Addresses() {}

    /**
     * Refuses what is no address of a file.
     *
     * @throws InvalidOptionException without the address itself
     */
    static void check(String option, URI address) {
        if (!isUsable(address)) {
            throw new InvalidOptionException(
                    option,
                    "an address of another kind: " + text(address),
                    "http://HOST/PATH and https://HOST/PATH, without a user in it",
                    null);
        }
    }

    static boolean isUsable(URI address) {
        return isHttp(address) && address.getHost() != null && address.getRawUserInfo() == null;
    }

    private static boolean isHttp(URI address) {
        return "http".equalsIgnoreCase(address.getScheme()) || isEncrypted(address);
    }

    static boolean isEncrypted(URI address) {
        return "https".equalsIgnoreCase(address.getScheme());
    }

    /** Whether both are on one server: what may see a token of one may see it for the other. */
    static boolean sameServer(URI a, URI b) {
        return a.getScheme().equalsIgnoreCase(b.getScheme())
                && a.getHost().equalsIgnoreCase(b.getHost())
                && port(a) == port(b);
    }

    private static int port(URI address) {
        if (address.getPort() >= 0) {
            return address.getPort();
        }
        return isEncrypted(address) ? 443 : 80;
    }

    /** The address for messages, without user, query and fragment. */
    static String text(URI address) {
        if (address.getHost() == null) {
            return Objects.requireNonNullElse(address.getScheme(), "no scheme").toLowerCase(Locale.ROOT)
                    + ", without a host";
        }
        return address.getScheme() + "://" + address.getHost()
                + (address.getPort() < 0 ? "" : ":" + address.getPort())
                + Objects.requireNonNullElse(address.getRawPath(), "");
    }
}
