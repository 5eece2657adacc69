package dev.tenon.consumer;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import com.sun.net.httpserver.SimpleFileServer.OutputLevel;
import dev.tenon.Model;
import dev.tenon.hub.Hub;
import dev.tenon.hub.HubOptions;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/** The smallest application of the hub: it downloads a model from a server of its own, and doubles four numbers. */
public final class Download {
    private Download() {}

    /**
     * Prints the doubled numbers.
     *
     * @param arguments the path of the model that is served
     * @throws IOException if it can't be read
     * @throws NoSuchAlgorithmException never: each JDK has SHA-256
     */
    public static void main(String[] arguments) throws IOException, NoSuchAlgorithmException {
        Path served = Path.of(arguments[0]).toAbsolutePath();
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(served)));
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        HttpServer server = SimpleFileServer.createFileServer(any, served.getParent(), OutputLevel.NONE);
        server.start();
        try {
            URI address = URI.create("http://localhost:" + server.getAddress().getPort() + "/" + served.getFileName());
            HubOptions options = HubOptions.standard().download(true).cache(Files.createTempDirectory("consumer"));
            Model model = Model.load(Hub.http(address, sha256, options));
            Tensor y = model.predict(Map.of("x", Tensor.of(new float[] {1, 2, 3, 4}, 1, 4)))
                    .tensor("y");
            System.out.println(Arrays.toString(y.toFloatArray()));
        } finally {
            server.stop(0);
        }
    }
}
