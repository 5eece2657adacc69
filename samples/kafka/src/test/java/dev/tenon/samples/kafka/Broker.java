package dev.tenon.samples.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;

/** A Kafka broker that is its own controller: a process, with its data in a folder. */
final class Broker {
    private static final List<String> FLAGS = List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final Path settings;
    private final Path log;
    private final String address;
    private ChildProcess process;

    Broker(Path folder) throws IOException {
        int port = freePort();
        int controllerPort = freePort();
        address = "127.0.0.1:" + port;
        settings = folder.resolve("broker.properties");
        log = folder.resolve("broker.log");
        // Few partitions of its own topics, and short waits for those who died: a test does not have a minute.
        Files.writeString(settings, """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@127.0.0.1:%2$d
                listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                controller.listener.names=CONTROLLER
                log.dirs=%3$s
                auto.create.topics.enable=false
                offsets.topic.num.partitions=1
                offsets.topic.replication.factor=1
                transaction.state.log.num.partitions=1
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                transaction.abort.timed.out.transaction.cleanup.interval.ms=500
                group.initial.rebalance.delay.ms=0
                group.min.session.timeout.ms=1000
                """.formatted(port, controllerPort, folder.resolve("data")));
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        String[] format = {"format", "-t", Uuid.randomUuid().toString(), "-c", settings.toString()};
        int code = StorageTool.execute(format, new PrintStream(said, true, StandardCharsets.UTF_8));
        assertThat(code).as(said.toString(StandardCharsets.UTF_8)).isZero();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** {@return where clients find it} */
    String address() {
        return address;
    }

    void start() throws IOException {
        process = ChildProcess.start(Kafka.class, FLAGS, settings.toString(), log);
    }

    void kill() throws InterruptedException {
        assertThat(process.isAlive()).as("the broker, see " + log).isTrue();
        process.kill();
    }

    /** Ends it if it runs. */
    void end() throws InterruptedException {
        if (process != null) {
            process.kill();
        }
    }

    void create(Collection<NewTopic> topics) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.createTopics(topics).all().get();
        }
    }
}
