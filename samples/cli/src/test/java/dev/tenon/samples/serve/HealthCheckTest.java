package dev.tenon.samples.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

class HealthCheckTest {
    @Test
    void aServerIsReadyUntilItEnds() throws IOException {
        InferenceServer server = new InferenceServer(ServerOptions.standard().at("127.0.0.1", 0), new Metrics());
        server.load("scale", "1", TestRepository.scale(10));
        server.start();
        String port = Integer.toString(URI.create(server.address()).getPort());
        assertThat(HealthCheck.isReady(port)).isTrue();
        server.close();
        assertThat(HealthCheck.isReady(port)).isFalse();
    }

    @Test
    void otherPortsAreNotReady() {
        for (String port : List.of("", "x", "-1", "70000", "80/x")) {
            assertThat(HealthCheck.isReady(port)).as(port).isFalse();
        }
    }
}
