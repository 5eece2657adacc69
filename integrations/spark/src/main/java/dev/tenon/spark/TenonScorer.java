package dev.tenon.spark;

import dev.tenon.Model;
import dev.tenon.ValueInfo;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.TenonException;
import dev.tenon.table.TableInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Scores rows of Spark with a model. Each executor makes one session, which its tasks share. Immutable.
 *
 * <p>Each output that is chosen is a column of its name: an array of its elements, or one value if the model gives one for each
 * row. The column {@value #ERROR} has the reason why a row can't be scored; its outputs are null then, and the job goes on. Floats
 * stay floats, {@code float64} is a double, integers are longs.
 *
 * <pre>{@code
 * TenonScorer scorer = TenonScorer.load(spark, Path.of("fraud.onnx")).columns("age", "income", "town");
 * Dataset<Row> scored = scorer.score(data);
 * scorer.register("fraud");
 * spark.sql("SELECT id, fraud(struct(age, income, town)).probabilities FROM customers");
 * }</pre>
 */
public final class TenonScorer {
    /** The column with the reason why a row can't be scored: null if it can. */
    public static final String ERROR = "error";

    private final SparkSession spark;
    private final Path shipped;
    private final Model model;
    private final Map<String, List<String>> features;
    private final List<OutputCell> outputs;

    private TenonScorer(
            SparkSession spark,
            Path shipped,
            Model model,
            Map<String, List<String>> features,
            List<OutputCell> outputs) {
        this.spark = spark;
        this.shipped = shipped;
        this.model = model;
        this.features = features;
        this.outputs = outputs;
    }

    /**
     * Reads a model, which Spark will copy to each executor. All outputs that are tensors are chosen.
     *
     * @param spark the session of Spark
     * @param file the file of the model
     * @return the scorer
     * @throws TenonException if the model can't be read, is more than one file, or has no tensor among its outputs
     */
    public static TenonScorer load(SparkSession spark, Path file) {
        Path shipped = ModelCopy.of(file);
        Model model = read(file, shipped);
        List<OutputCell> outputs = model.outputs().stream()
                .flatMap(output -> OutputCell.of(output).stream())
                .toList();
        if (outputs.isEmpty()) {
            throw new InvalidOptionException(
                    "model " + file,
                    "no tensor among its outputs " + model.outputs(),
                    "tensors",
                    "export it without ZipMap");
        }
        return new TenonScorer(Objects.requireNonNull(spark, "spark"), shipped, model, Map.of(), outputs);
    }

    /** Reads the model as executors do: from one file alone. */
    private static Model read(Path file, Path shipped) {
        try {
            return Model.load(shipped);
        } catch (TenonException e) {
            // Says what is wrong with the caller's own file, if that can't be read either.
            Model.load(file);
            InvalidOptionException refused = new InvalidOptionException(
                    "model",
                    file + ", which can't be read without the files beside it",
                    "a model in one file, since Spark copies one to the executors",
                    "save it with SaveOptions.externalData(ExternalDataPolicy.never()), or as a .tenon package");
            refused.addSuppressed(e);
            throw refused;
        }
    }

    /**
     * Names the columns of the model's first input, which is a matrix. A model whose file names them, or with an input for each
     * column, needs none.
     *
     * @param names the columns, in the order of the matrix; none for those of the file
     * @return a new scorer
     * @throws TenonException if they do not fit the model
     */
    public TenonScorer columns(String... names) {
        Map<String, List<String>> named =
                names.length == 0 ? Map.of() : Map.of(model.inputs().getFirst().name(), List.of(names));
        TableInput.of(model, named);
        return new TenonScorer(spark, shipped, model, named, outputs);
    }

    /**
     * Chooses outputs.
     *
     * @param names the names of outputs, in the order of the columns
     * @return a new scorer
     * @throws InvalidOptionException if there is no such output, it is no tensor, or none is named
     */
    public TenonScorer outputs(String... names) {
        List<OutputCell> chosen = new ArrayList<>();
        for (String name : names) {
            chosen.add(model.outputs().stream()
                    .filter(output -> output.name().equals(name))
                    .findFirst()
                    .flatMap(OutputCell::of)
                    .orElseThrow(() -> refused("'" + name + "'")));
        }
        if (chosen.isEmpty()) {
            throw refused("no names");
        }
        return new TenonScorer(spark, shipped, model, features, List.copyOf(chosen));
    }

    private InvalidOptionException refused(String found) {
        List<String> all = model.outputs().stream()
                .filter(output -> OutputCell.of(output).isPresent())
                .map(ValueInfo::name)
                .toList();
        return new InvalidOptionException(
                "TenonScorer.outputs", found, "the tensors among the model's outputs, " + all, null);
    }

    /**
     * A data set with results. Nothing is computed before it is used. Rows run 64 at a time, and have the bits that they would have
     * alone, however Spark splits the data.
     *
     * @param data the rows
     * @return the rows, with a column for each output, and {@value #ERROR}
     * @throws InvalidOptionException if the model needs a column that the data set does not have, or a column has the name of a
     *     result
     */
    public Dataset<Row> score(Dataset<Row> data) {
        // Here and not in a task, so that a wrong job fails before it begins.
        List<String> columns = List.of(data.columns());
        List<String> missing = new ArrayList<>(TableInput.of(model, features).columns());
        missing.removeAll(columns);
        if (!missing.isEmpty()) {
            throw new InvalidOptionException(
                    "data set", "no columns " + missing, columns.toString(), "name the columns of the model");
        }
        StructType schema = data.schema();
        for (var field : results().fields()) {
            if (columns.contains(field.name())) {
                throw new InvalidOptionException(
                        "data set",
                        "a column '" + field.name() + "', which would be the name of a result too",
                        "other names than " + Arrays.toString(results().fieldNames()),
                        "rename it by withColumnRenamed");
            }
            schema = schema.add(field);
        }
        RowScoring scoring = ship();
        ArrayList<String> names = new ArrayList<>(columns);
        MapPartitionsFunction<Row, Row> task = partition -> scoring.partition(names, partition);
        return data.mapPartitions(task, Encoders.row(schema));
    }

    /**
     * A function for columns: it takes a struct of the model's columns, and gives a struct of its results. It computes each row
     * alone, so {@link #score} is faster.
     *
     * <pre>{@code
     * data.withColumn("fraud", scorer.function().apply(struct("age", "income", "town")))
     * }</pre>
     *
     * @return the function
     */
    public UserDefinedFunction function() {
        return functions.udf(rowFunction(), results());
    }

    /**
     * Gives {@link #function} a name for SQL, in the session of Spark.
     *
     * @param name the name
     */
    public void register(String name) {
        spark.udf().register(name, rowFunction(), results());
    }

    /**
     * Gives a model a name for SQL in one call, which PySpark can make.
     *
     * @param spark the session of Spark
     * @param name the name
     * @param file the file of the model
     * @param columns the columns of the model's matrix, as {@link #columns} takes them; none for those of the file
     * @param outputs the names of outputs; none for all that are tensors
     * @throws TenonException as {@link #load}, {@link #columns} and {@link #outputs} do
     */
    public static void register(
            SparkSession spark, String name, String file, List<String> columns, List<String> outputs) {
        TenonScorer scorer = load(spark, Path.of(file)).columns(columns.toArray(String[]::new));
        (outputs.isEmpty() ? scorer : scorer.outputs(outputs.toArray(String[]::new))).register(name);
    }

    private UDF1<Row, Row> rowFunction() {
        RowScoring scoring = ship();
        return scoring::row;
    }

    private RowScoring ship() {
        spark.sparkContext().addFile(shipped.toString());
        return new RowScoring(shipped.toString(), features, outputs);
    }

    private StructType results() {
        StructType results = new StructType();
        for (OutputCell output : outputs) {
            results = results.add(output.name(), output.type());
        }
        return results.add(ERROR, DataTypes.StringType);
    }
}
