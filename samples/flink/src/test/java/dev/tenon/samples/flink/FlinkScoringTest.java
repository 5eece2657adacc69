package dev.tenon.samples.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.operators.async.AsyncWaitOperatorFactory;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores records in Flink: in an operator of its own, with a checkpoint in the middle, and in a job with two tasks. */
// Harnesses and iterators of Flink may be interrupted when they are closed: then a test ends with that.
@SuppressWarnings("try")
class FlinkScoringTest {
    private static final int COUNT = 2000;
    private static final int CAPACITY = 100;
    private static final Duration LONG = Duration.ofMinutes(10);

    @TempDir
    private static Path folder;

    private static Session session;
    private static List<String> lines;
    private static List<String> expected;

    @BeforeAll
    static void make() {
        Model model = Fixture.model();
        model.save(folder.resolve("model.onnx"));
        session = model.session(SessionOptions.standard().threads(1));
        lines = Fixture.lines(3, COUNT);
        expected = new ArrayList<>();
        CsvScorer scorer = new CsvScorer("x", "y");
        for (String line : lines) {
            expected.add(scorer.scored(line, session.predict(scorer.inputs(line))));
        }
    }

    private static ModelFile file() {
        return new ModelFile(folder.resolve("model.onnx").toString(), 16);
    }

    private static OneInputStreamOperatorTestHarness<String, String> operator() throws Exception {
        ScoringFunction<String, String> function = new ScoringFunction<>(file(), new CsvScorer("x", "y"), LONG);
        OneInputStreamOperatorTestHarness<String, String> operator = new OneInputStreamOperatorTestHarness<>(
                new AsyncWaitOperatorFactory<>(function, 0, CAPACITY, AsyncDataStream.OutputMode.ORDERED),
                StringSerializer.INSTANCE);
        operator.setup(StringSerializer.INSTANCE);
        return operator;
    }

    private static void feed(OneInputStreamOperatorTestHarness<String, String> operator, List<String> records)
            throws Exception {
        for (String record : records) {
            operator.processElement(new StreamRecord<>(record));
        }
    }

    @Test
    void eachRecordGetsTheScoresThatItGetsAlone() throws Exception {
        try (OneInputStreamOperatorTestHarness<String, String> operator = operator()) {
            operator.open();
            feed(operator, lines);
            operator.endInput();
            assertThat(operator.extractOutputValues()).isEqualTo(expected);
        }
    }

    @Test
    void recordsThatTheModelDoesNotTakeDoNotStopTheStream() throws Exception {
        String good = lines.getFirst();
        String unknown = good.replaceFirst("[0-9]+", "99");
        try (OneInputStreamOperatorTestHarness<String, String> operator = operator()) {
            operator.open();
            feed(operator, List.of(good, "1,2", good, "1,x", unknown, good));
            operator.endInput();
            List<String> found = operator.extractOutputValues();
            assertThat(found).hasSize(6);
            assertThat(List.of(found.get(0), found.get(2), found.get(5))).containsOnly(expected.getFirst());
            assertThat(found.get(1)).startsWith("1,2\t").contains("input 'x'");
            assertThat(found.get(3)).startsWith("1,x\t").contains("column 2");
            assertThat(found.get(4)).startsWith(unknown + "\t").contains("99");
        }
    }

    private static String json(String line) {
        String[] cells = line.split(",");
        return IntStream.range(0, cells.length)
                .mapToObj(i -> "\"c" + i + "\":" + cells[i])
                .collect(Collectors.joining(",", "{\"id\":[7],", "}"));
    }

    private static List<String> columns() {
        return IntStream.range(0, Fixture.FEATURES).mapToObj(i -> "c" + i).toList();
    }

    @Test
    void objectsGetMembersForTheirScores() throws Exception {
        StreamExecutionEnvironment flink = StreamExecutionEnvironment.createLocalEnvironment(2);
        List<String> sent = lines.stream().map(FlinkScoringTest::json).toList();
        List<String> found = new ArrayList<>();
        try (CloseableIterator<String> results = FlinkScoring.scoreJson(
                        flink.fromData(Types.STRING, sent.toArray(String[]::new))
                                .rebalance(),
                        folder.resolve("model.onnx").toString(),
                        columns())
                .executeAndCollect()) {
            results.forEachRemaining(found::add);
        }
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            String scores = expected.get(i).split("\t")[1].replace(" ", "");
            wanted.add(sent.get(i).replace("}", ",\"y\":" + scores + "}"));
        }
        assertThat(found).containsExactlyInAnyOrderElementsOf(wanted);
    }

    @Test
    void objectsThatDoNotFitGetAnError() {
        JsonScorer scorer = new JsonScorer(file(), columns());
        String good = json(lines.getFirst());
        for (String bad : List.of("no", "[1]", "", good + good, good.replace("\"c3\"", "\"c2\""))) {
            assertThatThrownBy(() -> scorer.inputs(bad)).as(bad).isInstanceOf(InvalidInputException.class);
            assertThat(scorer.refused(bad, "why")).as(bad).isEqualTo("{\"error\":\"why\"}");
        }
        String text = good.replaceFirst("\"c3\":[^,]*", "\"c3\":\"many\"");
        assertThatThrownBy(() -> scorer.inputs(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("c3");
        assertThat(scorer.refused(text, "why")).isEqualTo(text.replace("}", ",\"error\":\"why\"}"));
        assertThatThrownBy(() -> new JsonScorer(file(), List.of("a")))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("8");
    }

    @Test
    void aCheckpointHasTheRecordsWithoutResult() throws Exception {
        int half = COUNT / 2;
        List<String> found;
        OperatorSubtaskState state;
        try (OneInputStreamOperatorTestHarness<String, String> operator = operator()) {
            operator.open();
            feed(operator, lines.subList(0, half));
            state = operator.snapshot(1, 1);
            found = new ArrayList<>(operator.extractOutputValues());
        }
        assertThat(found).as("some have no result yet").hasSizeLessThan(half);
        try (OneInputStreamOperatorTestHarness<String, String> operator = operator()) {
            operator.initializeState(state);
            operator.open();
            feed(operator, lines.subList(half, COUNT));
            operator.endInput();
            found.addAll(operator.extractOutputValues());
        }
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void aJobWithTwoTasksSharesOneBatcher() throws Exception {
        Path own = folder.resolve("own.onnx");
        Fixture.model().save(own);
        int before = ModelFile.batchers();
        StreamExecutionEnvironment flink = StreamExecutionEnvironment.createLocalEnvironment(2);
        List<String> found = new ArrayList<>();
        try (CloseableIterator<String> results = FlinkScoring.score(
                        flink.fromData(Types.STRING, lines.toArray(String[]::new))
                                .rebalance(),
                        own)
                .executeAndCollect()) {
            for (Iterator<String> i = results; i.hasNext(); ) {
                found.add(i.next());
            }
        }
        assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(ModelFile.batchers()).isEqualTo(before + 1);
    }
}
