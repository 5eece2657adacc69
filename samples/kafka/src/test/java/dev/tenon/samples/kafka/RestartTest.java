package dev.tenon.samples.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker and the application are processes, which are killed and started again at random while records come in. In the
 * end each record has exactly one result, in the order of its partition: the bits of a prediction alone, or its own bytes
 * among the dead letters.
 */
class RestartTest {
    private static final int PARTITIONS = 4;
    private static final int PERCENT = 100;
    /** The part of the records that may be sent and have no result yet. Nothing is killed in the last such part. */
    private static final int AHEAD = 4;
    /** A test that sees no result for so long has failed. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final Duration POLL = Duration.ofMillis(200);

    /** Who is killed. */
    private enum Victim {
        APPLICATION,
        BROKER,
        BOTH
    }

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    private final Session session =
            Fixture.model().session(SessionOptions.standard().threads(1));
    private final Map<Integer, byte[]> scores = new HashMap<>();
    private final Map<Integer, byte[]> letters = new HashMap<>();
    private final int[] lastOfPartition = new int[PARTITIONS];
    private Broker broker;
    private ChildProcess application;
    private int kills;
    private int faults;

    @BeforeEach
    void start() throws Exception {
        broker = new Broker(folder);
        broker.start();
        broker.create(List.of(
                new NewTopic("features", PARTITIONS, (short) 1),
                new NewTopic("scores", PARTITIONS, (short) 1),
                new NewTopic("dead", 1, (short) 1)));
        session.model().save(folder.resolve("model.onnx"));
        Properties settings = new Properties();
        settings.putAll(Map.of(
                "application.id", "scores",
                "bootstrap.servers", broker.address(),
                "state.dir", folder.resolve("state").toString(),
                "errors.dead.letter.queue.topic.name", "dead",
                "num.stream.threads", "3",
                "tenon.slots", "1",
                "tenon.model", folder.resolve("model.onnx").toString(),
                "tenon.input", "features",
                "tenon.output", "scores"));
        // The broker notices early that an application has died, and clients wait quietly for the only broker.
        settings.putAll(Map.of(
                "metadata.recovery.strategy", "none",
                "consumer.session.timeout.ms", "3000",
                "consumer.heartbeat.interval.ms", "500",
                "producer.transaction.timeout.ms", "3000"));
        try (Writer file = Files.newBufferedWriter(folder.resolve("scoring.properties"))) {
            settings.store(file, null);
        }
        startApplication();
        Arrays.fill(lastOfPartition, -1);
    }

    private void startApplication() throws IOException {
        application = ChildProcess.start(
                ScoringApplication.class,
                List.of(
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED"),
                folder.resolve("scoring.properties").toString(),
                folder.resolve("application.log"));
    }

    @AfterEach
    void end() throws InterruptedException {
        if (application != null) {
            application.kill();
        }
        if (broker != null) {
            broker.end();
        }
    }

    @Test
    void everyRecordHasOneResultWhenTheApplicationDies(TestReporter reporter) throws Exception {
        run(2_000, List.of(Victim.APPLICATION, Victim.APPLICATION), reporter);
    }

    @Test
    @Tag("exhaustive")
    void aHundredThousandRecordsSurviveRandomKills(TestReporter reporter) throws Exception {
        Random random = new Random(seed());
        run(100_000, random.ints(24, 0, 3).mapToObj(i -> Victim.values()[i]).toList(), reporter);
    }

    private static long seed() {
        return Long.getLong("tenon.seed", System.nanoTime());
    }

    private void run(int count, List<Victim> victims, TestReporter reporter) throws Exception {
        long seed = seed();
        reporter.publishEntry("seed", Long.toString(seed));
        ArrayDeque<Integer> when = new ArrayDeque<>(new Random(seed)
                .ints(victims.size(), count / 20, count - count / AHEAD)
                .sorted()
                .boxed()
                .toList());
        ArrayDeque<Victim> who = new ArrayDeque<>(victims);
        // Sending goes on during the kills: it is never far ahead of the results.
        Semaphore ahead = new Semaphore(count / AHEAD);
        FutureTask<Void> sending = new FutureTask<>(() -> send(count, seed, ahead));
        Thread.ofPlatform().daemon().start(sending);
        try (KafkaConsumer<byte[], byte[]> results = results()) {
            long progress = System.nanoTime();
            while (scores.size() + letters.size() < count) {
                int before = scores.size() + letters.size();
                results.poll(POLL).forEach(this::take);
                int received = scores.size() + letters.size() - before;
                ahead.release(received);
                if (received > 0) {
                    progress = System.nanoTime();
                }
                assertThat(System.nanoTime() - progress)
                        .as("time without results after %d of %d, seed %d, see %s", before, count, seed, folder)
                        .isLessThan(PATIENCE.toNanos());
                while (received > 0 && !when.isEmpty() && before + received > when.getFirst()) {
                    when.removeFirst();
                    kill(who.removeFirst());
                }
                supervise();
            }
            sending.get();
            // What comes twice would come now: the application has committed all that it will.
            assertThat(application.stop()).isTrue();
            readToTheEnd(results);
        }
        check(count, seed);
        assertThat(kills).isEqualTo(victims.size());
        reporter.publishEntry(Map.of(
                "records", Integer.toString(count),
                "dead letters", Integer.toString(letters.size()),
                "kills", Integer.toString(kills),
                "faults", Integer.toString(faults)));
    }

    private void kill(Victim victim) throws Exception {
        if (victim != Victim.BROKER) {
            application.kill();
        }
        if (victim != Victim.APPLICATION) {
            broker.kill();
            broker.start();
        }
        if (victim != Victim.BROKER) {
            startApplication();
        }
        kills++;
    }

    /** Starts the application again after a fault, as the supervisor of a service does. */
    private void supervise() throws IOException {
        if (!application.isAlive()) {
            assertThat(application.exitCode()).as("exit code, see " + folder).isOne();
            faults++;
            startApplication();
        }
    }

    private KafkaConsumer<byte[], byte[]> results() {
        KafkaConsumer<byte[], byte[]> results = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", broker.address(),
                        "isolation.level", "read_committed",
                        "auto.offset.reset", "earliest",
                        "enable.auto.commit", "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> all = new ArrayList<>(List.of(new TopicPartition("dead", 0)));
        for (int p = 0; p < PARTITIONS; p++) {
            all.add(new TopicPartition("scores", p));
        }
        results.assign(all);
        results.seekToBeginning(all);
        return results;
    }

    private void readToTheEnd(KafkaConsumer<byte[], byte[]> results) {
        Map<TopicPartition, Long> ends = results.endOffsets(results.assignment());
        while (ends.entrySet().stream().anyMatch(e -> results.position(e.getKey()) < e.getValue())) {
            results.poll(POLL).forEach(this::take);
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> result) {
        int id = ByteBuffer.wrap(result.key()).getInt();
        boolean dead = result.topic().equals("dead");
        assertThat(scores.containsKey(id) || letters.containsKey(id))
                .as("record %d came twice", id)
                .isFalse();
        (dead ? letters : scores).put(id, result.value());
        if (!dead) {
            assertThat(id)
                    .as("the order of partition %d", result.partition())
                    .isGreaterThan(lastOfPartition[result.partition()]);
            lastOfPartition[result.partition()] = id;
        }
    }

    /**
     * Sends all records once each. The client sends again what a dead broker did not confirm, and the broker knows it by the
     * last batches that it has got. So the client must be patient with a broker that is alive but slow: it would send a batch
     * again that the broker has long forgotten. And it sends one batch at a time: of a client that it does not know yet, a
     * broker takes any batch for the first one. If it refused the first while it started, it would take the second, and could
     * never take the first again.
     */
    private Void send(int count, long seed, Semaphore ahead) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers", broker.address(),
                        "enable.idempotence", "true",
                        "acks", "all",
                        "max.in.flight.requests.per.connection", "1",
                        "request.timeout.ms", "300000",
                        "max.block.ms", "120000",
                        "delivery.timeout.ms", Integer.toString(Integer.MAX_VALUE)),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int id = 0; id < count; id++) {
                ahead.acquire();
                sent.add(producer.send(new ProducerRecord<>("features", key(id), value(id, seed))));
            }
            for (Future<RecordMetadata> each : sent) {
                each.get();
            }
        }
        return null;
    }

    private static byte[] key(int id) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(id).array();
    }

    /** Four of a hundred are special: bytes that are no floats, too few features, an unknown category, no value. */
    private static byte[] value(int id, long seed) {
        float[] features = Fixture.features(new Random(seed + id));
        switch (id % PERCENT) {
            case 13:
                return new byte[] {1, 2, 3, 4, 5, 6, (byte) id};
            case 47:
                features = new float[] {id};
                break;
            case 71:
                features[0] = Fixture.CATEGORIES;
                break;
            case 97:
                return null;
            default:
                break;
        }
        return new FloatsSerde().serializer().serialize("features", features);
    }

    private static boolean isPoison(int id) {
        return id % PERCENT == 13 || id % PERCENT == 47 || id % PERCENT == 71;
    }

    private void check(int count, long seed) {
        FloatsSerde floats = new FloatsSerde();
        for (int id = 0; id < count; id++) {
            byte[] sent = value(id, seed);
            if (isPoison(id)) {
                assertThat(letters).containsKey(id);
                assertThat(letters.get(id)).as("dead letter %d", id).isEqualTo(sent);
                continue;
            }
            assertThat(scores).containsKey(id);
            byte[] expected = null;
            if (sent != null) {
                float[] features = floats.deserializer().deserialize("features", sent);
                expected = floats.serializer()
                        .serialize(
                                "scores",
                                session.predict(Map.of("x", Tensor.of(features, 1, features.length)))
                                        .tensor("y")
                                        .toFloatArray());
            }
            assertThat(scores.get(id)).as("scores of %d, seed %d", id, seed).isEqualTo(expected);
        }
        assertThat(scores.size() + letters.size()).isEqualTo(count);
    }
}
