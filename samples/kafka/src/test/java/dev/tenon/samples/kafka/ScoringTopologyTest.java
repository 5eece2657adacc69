package dev.tenon.samples.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.shape.ConstantOfShape;
import dev.tenon.op.shape.Reshape;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The topology in Kafka's test driver: scores, tombstones, dead letters, faults. */
class ScoringTopologyTest {
    @TempDir
    private Path folder;

    private final Session session =
            Fixture.model().session(SessionOptions.standard().threads(1));
    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> input;
    private TestOutputTopic<byte[], byte[]> output;
    private TestOutputTopic<byte[], byte[]> dead;

    private Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("application.id", "scores");
        properties.setProperty("bootstrap.servers", "nowhere:1");
        properties.setProperty("state.dir", folder.resolve("state").toString());
        properties.setProperty("errors.dead.letter.queue.topic.name", "dead");
        properties.setProperty("tenon.model", folder.resolve("model.onnx").toString());
        properties.setProperty("tenon.input", "features");
        properties.setProperty("tenon.output", "scores");
        return properties;
    }

    @BeforeEach
    void start() {
        ScoringSettings settings = ScoringSettings.of(properties());
        session.model().save(settings.model());
        start(settings, session.model(), ScoringTopology.batcher(session, settings));
    }

    private void start(ScoringSettings settings, Model model, Batcher batcher) {
        driver = new TopologyTestDriver(ScoringTopology.of(settings, model, batcher), settings.streams());
        input = driver.createInputTopic("features", new ByteArraySerializer(), new ByteArraySerializer());
        output = driver.createOutputTopic("scores", new ByteArrayDeserializer(), new ByteArrayDeserializer());
        dead = driver.createOutputTopic("dead", new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    private static byte[] bytes(float... values) {
        return new FloatsSerde().serializer().serialize("features", values);
    }

    private static byte[] key(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }

    private byte[] scores(float[] features) {
        return bytes(session.predict(Map.of("x", Tensor.of(features, 1, features.length)))
                .tensor("y")
                .toFloatArray());
    }

    @Test
    void valuesBecomeScoresAndTheRestStays() {
        Random random = new Random(1);
        List<float[]> sent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            sent.add(Fixture.features(random));
            RecordHeaders headers = new RecordHeaders();
            headers.add("trace", key(1000 + i));
            input.pipeInput(new TestRecord<>(key(i), bytes(sent.get(i)), headers, 50L + i));
        }
        List<TestRecord<byte[], byte[]>> found = output.readRecordsToList();
        assertThat(found).hasSize(100);
        for (int i = 0; i < 100; i++) {
            assertThat(found.get(i).key()).isEqualTo(key(i));
            assertThat(found.get(i).value()).isEqualTo(scores(sent.get(i)));
            assertThat(found.get(i).timestamp()).isEqualTo(50 + i);
            assertThat(found.get(i).headers().lastHeader("trace").value()).isEqualTo(key(1000 + i));
        }
        assertThat(dead.isEmpty()).isTrue();
        assertThat(driver.metrics().keySet())
                .anyMatch(name -> name.name().equals("predict-latency-avg")
                        && name.group().equals("stream-tenon-metrics")
                        && name.tags()
                                .get("tenon-id")
                                .endsWith("." + name.tags().get("task-id")));
    }

    private static String header(TestRecord<byte[], byte[]> letter, String name) {
        return new String(
                letter.headers().lastHeader("__streams.errors." + name).value(), StandardCharsets.UTF_8);
    }

    @Test
    void poisonGoesToTheDeadLettersWithItsBytesAndItsReason() {
        float[] good = Fixture.features(new Random(2));
        float[] unknown = good.clone();
        unknown[0] = Fixture.CATEGORIES + 7;
        List<byte[]> poison = List.of(new byte[7], bytes(1, 2, 3), bytes(), bytes(unknown));
        List<String> reasons = List.of("7 bytes; allowed a multiple of 4", "16", "16", "39");
        for (int i = 0; i < poison.size(); i++) {
            RecordHeaders headers = new RecordHeaders();
            headers.add("trace", key(1000 + i));
            input.pipeInput(new TestRecord<>(key(i), poison.get(i), headers, 10L + i));
            input.pipeInput(key(10 + i), bytes(good));
        }
        List<TestRecord<byte[], byte[]>> letters = dead.readRecordsToList();
        assertThat(letters).hasSize(poison.size());
        for (int i = 0; i < poison.size(); i++) {
            assertThat(letters.get(i).key()).isEqualTo(key(i));
            assertThat(letters.get(i).value()).isEqualTo(poison.get(i));
            assertThat(letters.get(i).timestamp()).isEqualTo(10 + i);
            assertThat(letters.get(i).headers().lastHeader("trace").value()).isEqualTo(key(1000 + i));
            assertThat(header(letters.get(i), "message")).contains(reasons.get(i));
            assertThat(header(letters.get(i), "exception"))
                    .isEqualTo((i == 0
                                    ? SerializationException.class
                                    : i < 3 ? InvalidInputException.class : InvalidOperandException.class)
                            .getName());
            assertThat(header(letters.get(i), "topic")).isEqualTo("features");
            assertThat(header(letters.get(i), "partition")).isEqualTo("0");
            assertThat(header(letters.get(i), "offset")).isEqualTo(Integer.toString(2 * i));
        }
        assertThat(output.readValuesToList()).hasSize(poison.size()).allMatch(v -> Arrays.equals(v, scores(good)));
    }

    private void startJson() {
        stop();
        Properties properties = properties();
        properties.setProperty("tenon.format", "json");
        String columns =
                IntStream.range(0, Fixture.FEATURES).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
        properties.setProperty("tenon.columns", columns);
        ScoringSettings settings = ScoringSettings.of(properties);
        start(settings, session.model(), ScoringTopology.batcher(session, settings));
    }

    private static String json(float[] features) {
        return IntStream.range(0, features.length)
                .mapToObj(i -> "\"c" + i + "\": " + features[i])
                .collect(Collectors.joining(", ", "{\"customer\": {\"id\": 7}, ", "}"));
    }

    @Test
    void objectsBecomeObjects() {
        startJson();
        float[] features = Fixture.features(new Random(5));
        input.pipeInput(key(1), json(features).getBytes(StandardCharsets.UTF_8));
        float[] expected = session.predict(Map.of("x", Tensor.of(features, 1, features.length)))
                .tensor("y")
                .toFloatArray();
        assertThat(new String(output.readValue(), StandardCharsets.UTF_8))
                .isEqualTo("{\"y\":" + Arrays.toString(expected).replace(" ", "") + "}");
        assertThat(dead.isEmpty()).isTrue();
    }

    @Test
    void objectsThatDoNotFitAreDeadLetters() {
        startJson();
        String good = json(Fixture.features(new Random(6)));
        Map<String, String> reasons = new LinkedHashMap<>();
        reasons.put("no JSON", "no");
        reasons.put("[1, 2]", "a JSON object");
        reasons.put("null", "a JSON object");
        reasons.put("", "a JSON object");
        reasons.put(good.replace("\"c3\"", "\"c2\""), "c2");
        reasons.put(good.replaceFirst("\"c3\": [^,]*", "\"c3\": [1]"), "c3");
        reasons.put(good.replaceFirst("\"c3\": [^,]*", "\"c3\": \"many\""), "c3");
        reasons.put(good.replaceFirst("\"c0\": [^,]*", "\"c0\": 39"), "39");
        for (String value : reasons.keySet()) {
            input.pipeInput(key(1), value.getBytes(StandardCharsets.UTF_8));
            input.pipeInput(key(2), good.getBytes(StandardCharsets.UTF_8));
        }
        List<TestRecord<byte[], byte[]>> letters = dead.readRecordsToList();
        assertThat(letters).hasSize(reasons.size());
        int i = 0;
        for (Map.Entry<String, String> each : reasons.entrySet()) {
            assertThat(new String(letters.get(i).value(), StandardCharsets.UTF_8))
                    .isEqualTo(each.getKey());
            assertThat(header(letters.get(i), "message")).as(each.getKey()).contains(each.getValue());
            i++;
        }
        assertThat(output.readValuesToList()).hasSize(reasons.size());
    }

    /** A model that repeats each row as often as the record says: more than a call may hold. */
    private static Session repeating() {
        GraphBuilder graph = new GraphBuilder("repeating");
        Value x = graph.input("x", ValueType.parse("f32[n,1]"));
        Value count = graph.add(new Cast(DType.INT64, true, "up"), x);
        Value shape = graph.add(new Reshape(false), count, graph.constant("flat", Tensor.of(new long[] {-1})));
        Value zeros = graph.add(new ConstantOfShape(Tensor.of(new float[1])), shape);
        Value sum = graph.add(new ReduceSum(true, false), zeros);
        return Model.of(graph.output("y", graph.add(new Add(), x, sum)).build())
                .session(SessionOptions.standard().threads(1));
    }

    private void startRepeating(String onLimit) {
        stop();
        Properties properties = properties();
        properties.setProperty("tenon.limit.exceeded", onLimit);
        Session repeating = repeating();
        Batcher batcher = Batcher.of(repeating, BatchOptions.standard().maxRows(1));
        start(ScoringSettings.of(properties), repeating.model(), batcher);
    }

    @Test
    void aRecordThatExceedsALimitIsADeadLetter() {
        startRepeating("dead-letter");
        input.pipeInput(key(1), bytes(1e15f));
        input.pipeInput(key(2), bytes(3));
        TestRecord<byte[], byte[]> letter = dead.readRecord();
        assertThat(letter.key()).isEqualTo(key(1));
        assertThat(letter.value()).isEqualTo(bytes(1e15f));
        assertThat(header(letter, "exception")).isEqualTo(ResourceLimitException.class.getName());
        assertThat(output.readValuesToList()).hasSize(1).allMatch(v -> Arrays.equals(v, bytes(3)));
    }

    @Test
    void aRecordThatExceedsALimitEndsTheThreadIfItIsToldTo() {
        startRepeating("fail");
        assertThatThrownBy(() -> input.pipeInput(key(1), bytes(1e15f)))
                .isInstanceOf(StreamsException.class)
                .hasCauseInstanceOf(ResourceLimitException.class);
        assertThat(dead.isEmpty()).isTrue();
    }

    @Test
    void aTombstonePasses() {
        input.pipeInput(new TestRecord<>(key(1), (byte[]) null));
        TestRecord<byte[], byte[]> found = output.readRecord();
        assertThat(found.key()).isEqualTo(key(1));
        assertThat(found.value()).isNull();
        assertThat(dead.isEmpty()).isTrue();
    }

    /** A fault of the application: its thread is interrupted. The record must not be taken for poison. */
    @Test
    void aFaultIsNoPoison() {
        float[] good = Fixture.features(new Random(3));
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> input.pipeInput(key(1), bytes(good))).isInstanceOf(StreamsException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(output.isEmpty()).isTrue();
        assertThat(dead.isEmpty()).isTrue();
    }

    @Test
    void settingsThatWouldLoseRecordsAreRefused() {
        for (String name :
                List.of("errors.dead.letter.queue.topic.name", "tenon.model", "tenon.input", "tenon.output")) {
            Properties properties = properties();
            properties.remove(name);
            assertThatThrownBy(() -> ScoringSettings.of(properties))
                    .isInstanceOf(InvalidOptionException.class)
                    .hasMessageContaining(name);
        }
        Properties properties = properties();
        properties.setProperty("tenon.batch.rows", "0");
        assertThatThrownBy(() -> ScoringSettings.of(properties)).hasMessageContaining("1 or more");
        properties.setProperty("tenon.batch.rows", "many");
        assertThatThrownBy(() -> ScoringSettings.of(properties)).hasMessageContaining("an integer");
        properties.setProperty("tenon.batch.rows", "1");
        properties.setProperty("tenon.limit.exceeded", "ignore");
        assertThatThrownBy(() -> ScoringSettings.of(properties)).hasMessageContaining("dead-letter or fail");
        properties.remove("tenon.limit.exceeded");
        properties.setProperty("tenon.format", "avro");
        assertThatThrownBy(() -> ScoringSettings.of(properties)).hasMessageContaining("floats or json");
        properties.setProperty("tenon.format", "floats");
        properties.setProperty("tenon.columns", "age");
        assertThatThrownBy(() -> ScoringSettings.of(properties)).hasMessageContaining("tenon.columns");
        assertThat(ScoringSettings.of(properties()).streams().getProperty("processing.guarantee"))
                .isEqualTo("exactly_once_v2");
    }
}
