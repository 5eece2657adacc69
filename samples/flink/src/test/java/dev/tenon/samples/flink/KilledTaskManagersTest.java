package dev.tenon.samples.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.SessionOptions;
import dev.tenon.serving.bulk.Bulk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A million lines on two task managers that are processes, which are killed while they score. In the end each line is there once,
 * with the bits of {@link Bulk}.
 */
@Tag("exhaustive")
class KilledTaskManagersTest {
    private static final int COUNT = 1_000_000;
    private static final int FILES = 32;
    private static final int KILLS = 6;
    private static final int ROWS = 32;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int POLL_MILLIS = 50;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    private final long seed = Long.getLong("tenon.seed", System.nanoTime());
    private Cluster cluster;

    @AfterEach
    void end() throws InterruptedException {
        if (cluster != null) {
            cluster.kill();
        }
    }

    /** What Flink writes for the lines, made without it. */
    private static List<String> expected(List<String> lines) {
        CsvScorer scorer = new CsvScorer("x", "y");
        List<String> expected = new ArrayList<>(lines.size());
        Bulk.of(Fixture.model().session(SessionOptions.standard().threads(1)))
                .rows(ROWS)
                .results(lines.iterator(), scorer::inputs)
                .forEachRemaining(result -> expected.add(scorer.scored(result.item(), result.outputs())));
        return expected;
    }

    private void write(List<String> lines) throws IOException {
        Path in = Files.createDirectories(folder.resolve("in"));
        int each = Math.ceilDiv(lines.size(), FILES);
        for (int i = 0; i * each < lines.size(); i++) {
            Files.write(in.resolve(i + ".csv"), lines.subList(i * each, Math.min((i + 1) * each, lines.size())));
        }
    }

    private StreamExecutionEnvironment job(String out) {
        StreamExecutionEnvironment flink =
                StreamExecutionEnvironment.createRemoteEnvironment(cluster.host(), cluster.port());
        flink.setParallelism(2);
        FileSource<String> source = FileSource.forRecordStreamFormat(new TextLineInputFormat(), flinkPath("in"))
                .build();
        FileSink<String> sink = FileSink.forRowFormat(flinkPath(out), new SimpleStringEncoder<String>("UTF-8"))
                .withRollingPolicy(OnCheckpointRollingPolicy.build())
                .build();
        FlinkScoring.score(
                        flink.fromSource(source, WatermarkStrategy.noWatermarks(), "lines"),
                        folder.resolve("model.onnx"))
                .sinkTo(sink);
        return flink;
    }

    private org.apache.flink.core.fs.Path flinkPath(String name) {
        return new org.apache.flink.core.fs.Path(folder.resolve(name).toUri());
    }

    /** Runs a job to its end. Returns the seconds. */
    private double run(String out) {
        long start = System.nanoTime();
        try {
            job(out).execute(out);
        } catch (Exception e) {
            throw new AssertionError("the job ended, seed " + seed + ", see " + folder, e);
        }
        return (System.nanoTime() - start) * 1e-9;
    }

    /** The files that a checkpoint has confirmed. */
    private List<Path> confirmed(String out) throws IOException {
        Path parent = folder.resolve(out);
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (Stream<Path> all = Files.find(
                parent,
                Integer.MAX_VALUE,
                (path, attributes) -> attributes.isRegularFile()
                        && !path.getFileName().toString().startsWith("."))) {
            return all.toList();
        }
    }

    private long bytes(String out) throws IOException {
        long bytes = 0;
        for (Path file : confirmed(out)) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    @Test
    void everyLineHasItsScoresOnce(TestReporter reporter) throws Exception {
        reporter.publishEntry("seed", Long.toString(seed));
        Fixture.model().save(folder.resolve("model.onnx"));
        List<String> lines = Fixture.lines(seed, COUNT);
        write(lines);
        long start = System.nanoTime();
        List<String> expected = expected(lines);
        double bare = (System.nanoTime() - start) * 1e-9;
        Collections.sort(expected);
        int kills = 0;
        Random random = new Random(seed);
        cluster = new Cluster(folder, 2);
        double whole = run("whole");
        long all = bytes("whole");
        CompletableFuture<Double> job = CompletableFuture.supplyAsync(() -> run("killed"));
        start = System.nanoTime();
        while (!job.isDone()) {
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
            // Spread over the job: a part of the results is confirmed before each.
            if (kills < KILLS && bytes("killed") > kills * all / (KILLS + 2)) {
                cluster.killOne(random);
                kills++;
            }
            Thread.sleep(POLL_MILLIS);
        }
        double killed = job.get();
        assertThat(kills).isEqualTo(KILLS);
        for (String out : List.of("whole", "killed")) {
            List<String> found = new ArrayList<>();
            for (Path file : confirmed(out)) {
                found.addAll(Files.readAllLines(file));
            }
            Collections.sort(found);
            assertThat(found.equals(expected))
                    .as("results of '%s', seed %d, see %s", out, seed, folder)
                    .isTrue();
        }
        reporter.publishEntry(Map.of(
                "lines", Integer.toString(COUNT),
                "kills", Integer.toString(kills),
                "lines a second, two task managers", Long.toString(Math.round(COUNT / whole)),
                "lines a second, with kills", Long.toString(Math.round(COUNT / killed)),
                "lines a second, the library alone on one thread", Long.toString(Math.round(COUNT / bare))));
    }
}
