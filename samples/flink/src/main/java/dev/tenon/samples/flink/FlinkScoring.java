package dev.tenon.samples.flink;

import dev.tenon.Model;
import dev.tenon.ValueInfo;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.TenonException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.TensorType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The job: scores the lines of files, and prints them. */
public final class FlinkScoring {
    private static final int ROWS = 32;
    /** Records of a task that have no result yet; more than run together, so that the next batch is there when one ends. */
    private static final int CAPACITY = 4 * ROWS;

    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int USAGE_ERROR = 2;

    private FlinkScoring() {}

    /**
     * Runs the job.
     *
     * @param args the file of the model, and a file or folder with lines of numbers; or a file of JSON lines, whose name ends in
     *     .jsonl, and the columns of the model's matrix, if its file does not name them
     * @throws Exception if the job fails
     */
    public static void main(String[] args) throws Exception {
        boolean json = args.length >= 2 && args[1].endsWith(".jsonl");
        if (args.length < 2 || !json && args.length > 2) {
            System.err.println("usage: samples/run flink MODEL FILE.csv, or: MODEL FILE.jsonl [COLUMN...]");
            System.exit(USAGE_ERROR);
        }
        StreamExecutionEnvironment flink = StreamExecutionEnvironment.getExecutionEnvironment();
        FileSource<String> lines = FileSource.forRecordStreamFormat(
                        new TextLineInputFormat(), new org.apache.flink.core.fs.Path(args[1]))
                .build();
        try {
            DataStream<String> records = flink.fromSource(lines, WatermarkStrategy.noWatermarks(), "lines");
            List<String> columns = List.of(args).subList(2, args.length);
            (json ? scoreJson(records, args[0], columns) : score(records, Path.of(args[0]))).print();
        } catch (TenonException e) {
            System.err.println(e.getMessage());
            System.exit(USAGE_ERROR);
        }
        flink.execute("tenon");
    }

    /**
     * Lines with their scores, in any order.
     *
     * @param lines lines of numbers with commas between them
     * @param model the file of a model with one matrix as input, which each task manager can read
     * @return what {@link CsvScorer} makes of them
     * @throws TenonException if the model can't be read, or does not take such lines
     */
    public static SingleOutputStreamOperator<String> score(DataStream<String> lines, Path model) {
        // Here and not in a task, so that a wrong job fails before it begins.
        Model read = Model.load(model);
        CsvScorer scorer = new CsvScorer(floats(model, read.inputs()), floats(model, read.outputs()));
        return score(lines, new ModelFile(model.toString(), ROWS), scorer, Types.STRING);
    }

    /**
     * JSON objects with their scores, in any order.
     *
     * @param lines the objects
     * @param model the file of a model, which each task manager can read
     * @param columns the names of the columns of a model with a matrix whose file does not name them; empty for another one
     * @return what {@link JsonScorer} makes of them
     * @throws TenonException if the model can't be read, or does not take such columns
     */
    public static SingleOutputStreamOperator<String> scoreJson(
            DataStream<String> lines, String model, List<String> columns) {
        ModelFile file = new ModelFile(model, ROWS);
        return score(lines, file, new JsonScorer(file, columns), Types.STRING);
    }

    /**
     * The results of a stream, in any order.
     *
     * @param <I> the type of the records
     * @param <O> the type of the results
     * @param records the records
     * @param model the model
     * @param scorer makes inputs and results
     * @param type the type of the results
     * @return the results
     */
    public static <I, O> SingleOutputStreamOperator<O> score(
            DataStream<I> records, ModelFile model, Scorer<I, O> scorer, TypeInformation<O> type) {
        ScoringFunction<I, O> function = new ScoringFunction<>(model, scorer, DEADLINE);
        return AsyncDataStream.unorderedWait(records, function, 0, TimeUnit.MILLISECONDS, CAPACITY)
                .returns(type)
                .name("tenon");
    }

    private static String floats(Path model, List<ValueInfo> values) {
        return values.stream()
                .filter(v -> v.type() instanceof TensorType t && t.dtype() == DType.FLOAT32)
                .map(ValueInfo::name)
                .findFirst()
                .orElseThrow(() -> new InvalidOptionException(
                        "model " + model,
                        "no tensor of float32 among " + values,
                        "inputs and outputs of float32",
                        null));
    }
}
