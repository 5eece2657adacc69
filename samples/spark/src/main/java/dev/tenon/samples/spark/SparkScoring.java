package dev.tenon.samples.spark;

import dev.tenon.Model;
import dev.tenon.ValueInfo;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.TenonException;
import dev.tenon.table.TableInput;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.TensorType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The job: reads Parquet, scores each row, writes Parquet with the columns {@value #SCORES} and {@value #ERROR} added. */
public final class SparkScoring {
    /** The column with the scores: an array of floats, null if the row can't be scored. */
    public static final String SCORES = "scores";

    /** The column with the reason why a row can't be scored: null if it can. */
    public static final String ERROR = "error";

    private static final int ROWS = 64;
    private static final int FILES = 3;
    private static final int USAGE_ERROR = 2;

    private SparkScoring() {}

    /**
     * Runs the job.
     *
     * @param args the file of the model, the Parquet file to read and the one to write; then the columns of the model's matrix,
     *     if its file does not name them
     * @throws Exception if the job fails for another reason than its arguments
     */
    public static void main(String[] args) throws Exception {
        if (args.length < FILES) {
            System.err.println("usage: SparkScoring MODEL IN.parquet OUT.parquet [COLUMN...]");
            System.exit(USAGE_ERROR);
        }
        try (SparkSession spark = SparkSession.builder().appName("tenon").getOrCreate()) {
            List<String> columns = Arrays.asList(args).subList(FILES, args.length);
            score(spark, Path.of(args[0]), spark.read().parquet(args[1]), columns)
                    .write()
                    .parquet(args[2]);
        } catch (Exception e) {
            // Methods of Spark do not declare its exceptions. It has one for files that are not there, or there
            // already.
            if (!(e instanceof TenonException || e instanceof IOException || e instanceof AnalysisException)) {
                throw e;
            }
            System.err.println(e.getMessage());
            System.exit(USAGE_ERROR);
        }
    }

    /**
     * A data set with scores. Nothing is computed before it is used.
     *
     * @param spark the session of Spark
     * @param model the file of the model, which Spark copies to each executor
     * @param data the rows
     * @param columns the columns of the model's only input that is a matrix; none if the file of the model names them, or each
     *     input is a column
     * @return the rows, with the columns {@value #SCORES} and {@value #ERROR}
     * @throws TenonException if the model can't be read, is more than one file, does not fit the columns, or has no output
     *     of floats
     */
    public static Dataset<Row> score(SparkSession spark, Path model, Dataset<Row> data, List<String> columns) {
        // Here and not in a task, so that a wrong job fails before it begins.
        Path shipped = ModelCopy.of(model);
        Model read = read(model, shipped);
        Map<String, List<String>> features = features(read, columns);
        List<String> missing = new ArrayList<>(TableInput.of(read, features).columns());
        missing.removeAll(Arrays.asList(data.columns()));
        if (!missing.isEmpty()) {
            throw new InvalidOptionException(
                    "data set",
                    "no columns " + missing,
                    Arrays.toString(data.columns()),
                    "name the columns of the model");
        }
        spark.sparkContext().addFile(shipped.toString());
        StructType schema = data.schema()
                .add(SCORES, DataTypes.createArrayType(DataTypes.FloatType, false))
                .add(ERROR, DataTypes.StringType);
        ScorePartition task = new ScorePartition(
                shipped.getFileName().toString(), List.of(data.columns()), features, output(read), ROWS);
        return data.mapPartitions(task, Encoders.row(schema));
    }

    /** Reads the model as executors do: from one file alone. */
    private static Model read(Path model, Path shipped) {
        try {
            return Model.load(shipped);
        } catch (TenonException e) {
            // Says what is wrong with the caller's own file, if that can't be read either.
            Model.load(model);
            InvalidOptionException refused = new InvalidOptionException(
                    "model",
                    model + ", which can't be read without the files beside it",
                    "a model in one file, since Spark copies one to the executors",
                    "save it with SaveOptions.externalData(ExternalDataPolicy.never()), or as a .tenon package");
            refused.addSuppressed(e);
            throw refused;
        }
    }

    private static Map<String, List<String>> features(Model model, List<String> columns) {
        return columns.isEmpty() ? Map.of() : Map.of(model.inputs().getFirst().name(), columns);
    }

    private static String output(Model model) {
        return model.outputs().stream()
                .filter(v -> v.type() instanceof TensorType t && t.dtype() == DType.FLOAT32)
                .map(ValueInfo::name)
                .findFirst()
                .orElseThrow(() -> new InvalidOptionException(
                        "model", "no output of float32 among " + model.outputs(), "a tensor of float32", null));
    }
}
