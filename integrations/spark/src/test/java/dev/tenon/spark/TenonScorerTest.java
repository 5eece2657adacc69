package dev.tenon.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.ExternalDataPolicy;
import dev.tenon.formats.ModelFileException;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.serving.bulk.Bulk;
import dev.tenon.table.TableInput;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores Parquet in Spark with two threads, and compares it with {@link Bulk} over the same file. */
class TenonScorerTest {
    private static final int COUNT = 20_000;
    private static final int FEATURES = ScoredModel.FEATURES;
    private static final int CATEGORIES = ScoredModel.CATEGORIES;
    private static final int WIDTH = 64;
    private static final List<String> COLUMNS = ScoredModel.COLUMNS;

    @TempDir
    private static Path folder;

    private static SparkSession spark;

    @BeforeAll
    static void start() {
        spark = SparkSession.builder()
                .master("local[2]")
                .appName("test")
                .config("spark.ui.enabled", false)
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
                .config("spark.local.dir", folder.resolve("local").toString())
                // The file is read in several tasks.
                .config("spark.sql.files.maxPartitionBytes", 128 << 10)
                .getOrCreate();
        ScoredModel.of(WIDTH).save(folder.resolve("model.onnx"));
        rows().write().parquet(folder.resolve("in.parquet").toString());
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    /** Whole numbers, numbers of both widths, missing ones, and a category in a thousand that the model does not know. */
    private static Dataset<Row> rows() {
        StructType schema =
                new StructType().add("id", DataTypes.IntegerType).add(COLUMNS.get(0), DataTypes.IntegerType);
        for (int i = 1; i < FEATURES; i++) {
            schema = schema.add(COLUMNS.get(i), i % 2 == 0 ? DataTypes.DoubleType : DataTypes.FloatType);
        }
        Random random = new Random(11);
        List<Row> rows = new ArrayList<>();
        for (int id = 0; id < COUNT; id++) {
            Object[] cells = new Object[FEATURES + 1];
            cells[0] = id;
            cells[1] = id % 1000 == 500 ? CATEGORIES : random.nextInt(CATEGORIES);
            for (int i = 1; i < FEATURES; i++) {
                double value = random.nextGaussian();
                Object cell = i % 2 == 0 ? (Object) value : (Object) (float) value;
                cells[i + 1] = random.nextInt(200) == 0 ? null : cell;
            }
            rows.add(RowFactory.create(cells));
        }
        return spark.createDataFrame(rows, schema);
    }

    private static TenonScorer scorer() {
        return TenonScorer.load(spark, folder.resolve("model.onnx")).columns(COLUMNS.toArray(String[]::new));
    }

    private static Dataset<Row> input() {
        return spark.read().parquet(folder.resolve("in.parquet").toString());
    }

    /** What {@link Bulk} makes of the file: scores or messages by id. */
    private static Map<Integer, Object> expected() {
        Session session = Model.load(folder.resolve("model.onnx"))
                .session(SessionOptions.standard().threads(1));
        TableInput table = TableInput.of(session.model(), Map.of("x", COLUMNS));
        List<String> columns = List.of(input().columns());
        Map<Integer, Object> expected = new HashMap<>();
        Bulk.of(session)
                .rows(64)
                .results(input().toLocalIterator(), row -> table.read(new SparkRow(columns, row)))
                .forEachRemaining(r -> expected.put(
                        r.item().getInt(0),
                        r.isFailed()
                                ? r.failure().getMessage()
                                : r.outputs().tensor("y").toFloatArray()));
        return expected;
    }

    @Test
    void scoresHaveTheBitsOfBulk() {
        int sessions = ExecutorSessions.count();
        Path own = folder.resolve("own.onnx");
        ScoredModel.of(WIDTH).save(own);
        Dataset<Row> scored = TenonScorer.load(spark, own)
                .columns(COLUMNS.toArray(String[]::new))
                .score(input());
        assertThat(scored.rdd().getNumPartitions()).isGreaterThan(4);
        String out = folder.resolve("out.parquet").toString();
        scored.write().parquet(out);
        Map<Integer, Object> expected = expected();
        List<Row> found = spark.read().parquet(out).collectAsList();
        assertThat(found).hasSize(COUNT);
        int failed = 0;
        for (Row row : found) {
            Object wanted = expected.remove(row.getInt(0));
            Object error = row.getAs(TenonScorer.ERROR);
            if (wanted instanceof float[] scores) {
                assertThat(error).isNull();
                assertThat(bits(row.getList(row.fieldIndex("y")))).isEqualTo(bits(scores));
            } else {
                failed++;
                assertThat(row.isNullAt(row.fieldIndex("y"))).isTrue();
                assertThat(error).isEqualTo(wanted);
            }
        }
        assertThat(expected).isEmpty();
        assertThat(failed).isEqualTo(COUNT / 1000);
        // All tasks of this JVM shared one.
        assertThat(ExecutorSessions.count()).isEqualTo(sessions + 1);
    }

    private static Model scale(float... factors) {
        GraphBuilder graph = new GraphBuilder("scale");
        Value x = graph.input("x", ValueType.parse("f32[n," + factors.length + "]"));
        Value by = graph.constant("by", Tensor.of(factors, factors.length));
        return Model.of(graph.output("y", graph.add(new Mul(), x, by)).build());
    }

    private static Dataset<Row> halves() {
        StructType schema = new StructType().add("a", DataTypes.DoubleType);
        return spark.createDataFrame(List.of(RowFactory.create(0.5)), schema);
    }

    private static List<Float> scores(Dataset<Row> scored) {
        Row row = scored.collectAsList().getFirst();
        return row.getList(row.fieldIndex("y"));
    }

    @Test
    void aFileThatIsReplacedIsAnotherModel() {
        Path file = folder.resolve("replaced.onnx");
        scale(4).save(file);
        Dataset<Row> first = TenonScorer.load(spark, file).columns("a").score(halves());
        scale(8).save(file);
        Dataset<Row> second = TenonScorer.load(spark, file).columns("a").score(halves());
        assertThat(scores(first)).containsExactly(2f);
        assertThat(scores(second)).containsExactly(4f);
    }

    @Test
    void aModelOfSeveralFilesIsRefused() {
        Path file = folder.resolve("large.onnx");
        scale(1, 2, 3).save(file, SaveOptions.standard().externalData(ExternalDataPolicy.atLeast(1)));
        assertThatThrownBy(() -> TenonScorer.load(spark, file))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("large.onnx")
                .hasMessageContaining("one file");
        Path absent = folder.resolve("absent.onnx");
        assertThatThrownBy(() -> TenonScorer.load(spark, absent))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("absent.onnx");
    }

    private static List<Integer> bits(List<Float> scores) {
        return scores.stream().map(Float::floatToRawIntBits).toList();
    }

    private static List<Integer> bits(float[] scores) {
        return IntStream.range(0, scores.length)
                .mapToObj(i -> Float.floatToRawIntBits(scores[i]))
                .toList();
    }

    @Test
    void aJobThatDoesNotFitFailsBeforeItBegins() {
        TenonScorer scorer = TenonScorer.load(spark, folder.resolve("model.onnx"));
        String[] wrong = COLUMNS.toArray(String[]::new);
        wrong[3] = "income";
        assertThatThrownBy(() -> scorer.columns(wrong).score(input()))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("income");
        assertThatThrownBy(() -> scorer.columns("c0", "c1", "c2"))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("16");
        assertThatThrownBy(() -> scorer.score(input()))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("no names");
        assertThatThrownBy(() -> scorer().score(input().withColumnRenamed("id", "y")))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("'y'")
                .hasMessageContaining("withColumnRenamed");
    }

    /** An output of each type that Spark has, of one value for each row or several. */
    private static Path typed() {
        GraphBuilder graph = new GraphBuilder("typed");
        Value a = graph.input("a", ValueType.parse("f32[n]"));
        Value b = graph.input("b", ValueType.parse("f32[n,1]"));
        graph.output("one", graph.add(new Relu(), a));
        graph.output("many", graph.add(new Relu(), b));
        graph.output("wide", graph.add(new Cast(DType.FLOAT64, true, "up"), b));
        graph.output("label", graph.add(new Cast(DType.INT32, true, "up"), a));
        graph.output("truth", graph.add(new Cast(DType.BOOL, true, "up"), a));
        graph.output("text", graph.add(new Cast(DType.STRING, true, "up"), a));
        Path file = folder.resolve("typed.onnx");
        Model.of(graph.build()).save(file);
        return file;
    }

    private static Dataset<Row> pairs() {
        StructType schema = new StructType().add("a", DataTypes.DoubleType).add("b", DataTypes.IntegerType);
        return spark.createDataFrame(List.of(RowFactory.create(2.5, 7), RowFactory.create(null, -1)), schema);
    }

    @Test
    void outputsAreColumnsOfTheirNamesAndTypes() {
        TenonScorer scorer = TenonScorer.load(spark, typed());
        Dataset<Row> all = scorer.score(pairs());
        assertThat(all.schema().toDDL())
                .isEqualTo("a DOUBLE,b INT,one FLOAT,many ARRAY<FLOAT>,wide ARRAY<DOUBLE>,label BIGINT,truth BOOLEAN,"
                        + "text STRING,error STRING");
        Row row = all.collectAsList().getFirst();
        assertThat(row.getFloat(2)).isEqualTo(2.5f);
        assertThat(row.<Float>getList(3)).containsExactly(7f);
        assertThat(row.<Double>getList(4)).containsExactly(7.0);
        assertThat(row.getLong(5)).isEqualTo(2);
        assertThat(row.getBoolean(6)).isTrue();
        assertThat(row.getString(7)).isEqualTo("2.5");
        assertThat(row.isNullAt(8)).isTrue();
        Dataset<Row> chosen = scorer.outputs("label", "one").score(pairs());
        assertThat(chosen.columns()).containsExactly("a", "b", "label", "one", "error");
        assertThat(chosen.collectAsList().getFirst().getLong(2)).isEqualTo(2);
        assertThatThrownBy(() -> scorer.outputs("lable"))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("'lable'")
                .hasMessageContaining("label");
        assertThatThrownBy(scorer::outputs)
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("no names");
    }

    /** The bits are those of a whole partition, and so are the messages. */
    @Test
    void theFunctionOfColumnsGivesTheSameResults() {
        Dataset<Row> some = input().where("id % 1000 IN (499, 500, 501)");
        Column[] columns = COLUMNS.stream().map(functions::col).toArray(Column[]::new);
        List<Row> called = some.withColumn("result", scorer().function().apply(functions.struct(columns)))
                .select("id", "result.y", "result.error")
                .orderBy("id")
                .collectAsList();
        List<Row> scored =
                scorer().score(some).select("id", "y", "error").orderBy("id").collectAsList();
        // As texts, since a list with NaN does not equal itself.
        assertThat(called).hasSize(3 * COUNT / 1000);
        assertThat(called.toString()).isEqualTo(scored.toString());
        assertThat(called).filteredOn(row -> !row.isNullAt(2)).hasSize(COUNT / 1000);
    }

    @Test
    void sqlCallsTheFunctionByItsName() {
        TenonScorer.register(spark, "squash", typed().toString(), List.of(), List.of("label", "wide"));
        pairs().createOrReplaceTempView("pairs");
        List<Row> found = spark.sql("SELECT a, r.label, r.wide[0], r.error FROM"
                        + " (SELECT a, squash(struct(a, b)) AS r FROM pairs)")
                .collectAsList();
        assertThat(found.getFirst()).isEqualTo(RowFactory.create(2.5, 2L, 7.0, null));
        assertThat(spark.sql("SELECT squash(struct(a)).error FROM pairs")
                        .collectAsList()
                        .getFirst()
                        .getString(0))
                .contains("'b'");
        scorer().register("score");
        input().createOrReplaceTempView("input");
        Row row = spark.sql("SELECT score(struct(*)).y AS y FROM input WHERE id = 1")
                .collectAsList()
                .getFirst();
        assertThat(bits(row.getList(0))).isEqualTo(bits((float[]) expected().get(1)));
    }
}
