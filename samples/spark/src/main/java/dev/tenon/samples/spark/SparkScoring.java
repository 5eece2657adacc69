package dev.tenon.samples.spark;

import dev.tenon.error.TenonException;
import dev.tenon.spark.TenonScorer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.SparkSession;

/** The job: reads Parquet, scores each row, writes Parquet with a column for each output of the model and one for errors. */
public final class SparkScoring {
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
            System.err.println("usage: samples/run spark MODEL IN.parquet OUT.parquet [COLUMN...]");
            System.exit(USAGE_ERROR);
        }
        try (SparkSession spark = SparkSession.builder().appName("tenon").getOrCreate()) {
            TenonScorer.load(spark, Path.of(args[0]))
                    .columns(Arrays.copyOfRange(args, FILES, args.length))
                    .score(spark.read().parquet(args[1]))
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
}
