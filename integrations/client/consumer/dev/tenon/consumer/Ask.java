package dev.tenon.consumer;

import dev.tenon.client.ClientException;
import dev.tenon.client.ClientTensor;
import dev.tenon.client.TenonClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.Map;

/** The smallest application of the client. It needs no server: it asks where there is none, and says what it was told. */
public final class Ask {
    private Ask() {}

    /**
     * Prints the reason of the failure.
     *
     * @param arguments none is read
     * @throws IOException if there is no free port
     */
    public static void main(String[] arguments) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try {
            TenonClient.to(URI.create("http://localhost:" + port))
                    .model("double")
                    .predict(Map.of("x", ClientTensor.ofFloats(new float[] {1, 2, 3, 4}, 1, 4)));
            System.out.println("an answer");
        } catch (ClientException e) {
            System.out.println(e.reason());
        }
    }
}
