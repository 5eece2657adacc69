package dev.tenon.samples.serve;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;

/** Asks a server on this machine whether it is ready: for the health check of an image that has no shell and no other program. */
public final class HealthCheck {
    private static final int TIMEOUT_MILLIS = 3000;
    private static final int MOST_PORT = 65535;

    private HealthCheck() {}

    /**
     * Ends with exit code 0 if the server is ready, else with 1.
     *
     * @param args the port of the server over HTTP
     */
    public static void main(String[] args) {
        System.exit(args.length == 1 && isReady(args[0]) ? 0 : 1);
    }

    /** Whether a server at a port answers that it is ready. */
    static boolean isReady(String port) {
        try {
            int number = Integer.parseInt(port);
            if (number < 1 || number > MOST_PORT) {
                return false;
            }
            URI address = URI.create("http://127.0.0.1:" + number + "/v2/health/ready");
            HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }
}
