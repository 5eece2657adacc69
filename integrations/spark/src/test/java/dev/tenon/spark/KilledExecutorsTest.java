package dev.tenon.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.serving.bulk.Bulk;
import dev.tenon.table.TableInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A million rows on two executors that are processes, which are killed while they score. In the end each row is there once, with
 * the bits of {@link Bulk}.
 */
@Tag("exhaustive")
class KilledExecutorsTest {
    private static final int COUNT = 1_000_000;
    private static final int WIDTH = 4;
    private static final int TASKS = 64;
    private static final int KILLS = 6;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int POLL_MILLIS = 20;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    private SparkSession spark;

    @BeforeEach
    void start() throws IOException {
        // Workers take the commands of executors from an installation. This one is empty: the class path serves
        // instead.
        Path home = folder.resolve("home");
        Files.createDirectories(home.resolve("jars"));
        Files.createFile(home.resolve("RELEASE"));
        Files.createDirectories(home.resolve("launcher/target/scala-2.13"));
        System.setProperty("spark.testing", "true");
        System.setProperty("spark.test.home", home.toString());
        spark = SparkSession.builder()
                .master("local-cluster[2,1,1024]")
                .appName("killed")
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config("spark.executor.memory", "1g")
                .config("spark.ui.enabled", false)
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
                .config("spark.local.dir", folder.resolve("local").toString())
                .config("spark.sql.files.maxPartitionBytes", 512 << 10)
                // A task fails with its executor, and one task may meet several.
                .config("spark.task.maxFailures", 100)
                .config("spark.deploy.maxExecutorRetries", 100)
                .getOrCreate();
    }

    @AfterEach
    void stop() {
        spark.stop();
        System.clearProperty("spark.testing");
        System.clearProperty("spark.test.home");
    }

    /** A row for each id: a category that the model knows, but for one in a thousand, and numbers. */
    private Dataset<Row> rows() {
        Column id = functions.col("id");
        Column category = functions
                .when(id.mod(1000).equalTo(500), ScoredModel.CATEGORIES)
                .otherwise(id.mod(ScoredModel.CATEGORIES));
        Dataset<Row> rows = spark.range(0, COUNT, 1, TASKS).toDF("id");
        for (String name : ScoredModel.COLUMNS) {
            Column number = functions.hash(id, functions.lit(name)).divide(Integer.MAX_VALUE);
            rows = rows.withColumn(
                    name, name.equals(ScoredModel.COLUMNS.getFirst()) ? category : number.cast(DataTypes.FloatType));
        }
        return rows;
    }

    private Dataset<Row> input() {
        return spark.read().parquet(folder.resolve("in.parquet").toString());
    }

    private double score(String to) {
        long start = System.nanoTime();
        TenonScorer.load(spark, folder.resolve("model.onnx"))
                .columns(ScoredModel.COLUMNS.toArray(String[]::new))
                .score(input())
                .select("id", "y", "error")
                .write()
                .parquet(folder.resolve(to).toString());
        return seconds(start);
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) * 1e-9;
    }

    /** One of the executors: the workers, which run in this JVM, start no other processes that are JVMs. */
    private static Optional<ProcessHandle> executor() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.info().command().orElse("").endsWith("java"))
                .findAny();
    }

    /** Counts tasks that have ended well: the job keeps what they wrote, whatever is killed later. */
    private static final class EndedTasks extends SparkListener {
        private final AtomicInteger count = new AtomicInteger();

        @Override
        public void onTaskEnd(SparkListenerTaskEnd end) {
            if (end.taskInfo().successful()) {
                count.incrementAndGet();
            }
        }
    }

    @Test
    void everyRowHasItsScoresOnce(TestReporter reporter) throws Exception {
        Model model = ScoredModel.of(WIDTH);
        model.save(folder.resolve("model.onnx"));
        rows().write().parquet(folder.resolve("in.parquet").toString());

        double whole = score("whole.parquet");
        int tasks = input().rdd().getNumPartitions();
        EndedTasks ended = new EndedTasks();
        spark.sparkContext().addSparkListener(ended);
        CompletableFuture<Double> job = CompletableFuture.supplyAsync(() -> score("killed.parquet"));
        int kills = 0;
        long progress = System.nanoTime();
        while (!job.isDone() && kills < KILLS) {
            assertThat(seconds(progress)).as("seconds of " + folder).isLessThan(PATIENCE.toSeconds());
            // Spread over the job: some tasks have ended before each.
            boolean due = ended.count.get() > kills * tasks / (KILLS + 2);
            if (due && executor().map(ProcessHandle::destroyForcibly).orElse(false)) {
                kills++;
            }
            Thread.sleep(POLL_MILLIS);
        }
        double killed = job.get();
        assertThat(kills).as("kills in a job of %d tasks", tasks).isEqualTo(KILLS);

        float[][] expected = new float[COUNT][];
        String[] errors = new String[COUNT];
        double bare = bare(model, expected, errors);
        for (String each : List.of("whole.parquet", "killed.parquet")) {
            check(each, expected, errors);
        }
        reporter.publishEntry(Map.of(
                "rows", Integer.toString(COUNT),
                "kills", Integer.toString(kills),
                "rows a second, two executors", Long.toString(Math.round(COUNT / whole)),
                "rows a second, with kills", Long.toString(Math.round(COUNT / killed)),
                "rows a second, the library alone on one thread", Long.toString(Math.round(COUNT / bare))));
    }

    /** Scores the rows without Spark. Returns the seconds, without those in which Spark read the rows. */
    private double bare(Model model, float[][] expected, String[] errors) {
        Session session = model.session(SessionOptions.standard().threads(1));
        TableInput table = TableInput.of(session.model(), Map.of("x", ScoredModel.COLUMNS));
        List<String> columns = List.of(input().columns());
        List<Row> rows = input().collectAsList();
        long start = System.nanoTime();
        Bulk.of(session)
                .rows(64)
                .results(rows.iterator(), row -> table.read(new SparkRow(columns, row)))
                .forEachRemaining(r -> {
                    int id = (int) r.item().getLong(0);
                    if (r.isFailed()) {
                        errors[id] = r.failure().getMessage();
                    } else {
                        expected[id] = r.outputs().tensor("y").toFloatArray();
                    }
                });
        return seconds(start);
    }

    private void check(String job, float[][] expected, String[] errors) {
        BitSet seen = new BitSet(COUNT);
        for (Iterator<Row> rows =
                        spark.read().parquet(folder.resolve(job).toString()).toLocalIterator();
                rows.hasNext(); ) {
            Row row = rows.next();
            int id = (int) row.getLong(0);
            assertThat(seen.get(id)).as("row %d came twice in %s", id, job).isFalse();
            seen.set(id);
            assertThat(row.getString(2)).as("row %d of %s", id, job).isEqualTo(errors[id]);
            if (errors[id] == null) {
                List<Float> scores = row.getList(1);
                float[] found = new float[scores.size()];
                for (int i = 0; i < found.length; i++) {
                    found[i] = scores.get(i);
                }
                assertThat(found).as("row %d of %s", id, job).isEqualTo(expected[id]);
            }
        }
        assertThat(seen.cardinality()).as(job).isEqualTo(COUNT);
        assertThat(Arrays.stream(errors).filter(e -> e != null)).hasSize(COUNT / 1000);
    }
}
