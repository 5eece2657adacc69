package dev.tenon.samples.tables;

import de.siegmar.fastcsv.writer.CsvWriter;
import dev.tenon.LoadOptions;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.ValueInfo;
import dev.tenon.error.InvalidInputException;
import dev.tenon.formats.TreeSelection;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Command;
import dev.tenon.samples.UsageException;
import dev.tenon.table.TableBatch;
import dev.tenon.table.TableInput;
import dev.tenon.table.TableInput.UnknownCategory;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Scores a CSV file: reads rows, predicts batch by batch, and writes a CSV file of the predictions, a record for each row. Shows
 * progress, rate and the time that is left.
 */
public final class ScoreCsvCommand implements Command {
    private static final int BATCH = 1000;
    private static final long SHOW_NANOS = 1_000_000_000L;

    /** Makes the command. */
    public ScoreCsvCommand() {}

    @Override
    public String usage() {
        return "MODEL FILE.csv --out FILE [--batch N] [--separator C] [--columns NAME,NAME,...] [--unknown-is-missing]"
                + " [--trees all|best-iteration]";
    }

    @Override
    public int run(List<String> args, PrintStream out) throws IOException {
        Options o = new Options(args);
        Model model = Model.load(o.files.get(0), o.load);
        TableInput table = o.names.isEmpty()
                ? TableInput.of(model)
                : TableInput.of(model, Map.of(model.inputs().getFirst().name(), o.names));
        score(model, table.unknownCategories(o.unknown), o, out);
        return 0;
    }

    /** The arguments. */
    private static final class Options {
        private final List<Path> files = new ArrayList<>();
        private int batch = BATCH;
        private char separator = ',';
        private Path target;
        private List<String> names = List.of();
        private LoadOptions load = LoadOptions.standard();
        private UnknownCategory unknown = UnknownCategory.REFUSED;

        Options(List<String> args) {
            for (int i = 0; i < args.size(); i++) {
                switch (args.get(i)) {
                    case "--out" -> target = Path.of(Arguments.value(args, i++));
                    case "--batch" -> batch = Arguments.number(args, i++, 1, 9_999_999);
                    case "--separator" -> separator = character(Arguments.value(args, i++));
                    case "--columns" ->
                        names = List.of(Arguments.value(args, i++).split(",", -1));
                    case "--trees" -> load = load.trees(trees(Arguments.value(args, i++)));
                    case "--unknown-is-missing" -> unknown = UnknownCategory.MISSING;
                    default -> {
                        if (args.get(i).startsWith("--")) {
                            throw new UsageException("unknown option " + args.get(i));
                        }
                        files.add(Path.of(args.get(i)));
                    }
                }
            }
            if (files.size() != 2 || target == null) {
                throw new UsageException("name a model, a CSV file, and --out");
            }
        }
    }

    private static TreeSelection trees(String text) {
        return switch (text) {
            case "all" -> TreeSelection.ALL;
            case "best-iteration" -> TreeSelection.BEST_ITERATION;
            default -> throw new UsageException("--trees " + text + " is neither all nor best-iteration");
        };
    }

    private static char character(String text) {
        if (text.length() != 1) {
            throw new UsageException("--separator " + text + " is not one character");
        }
        return text.charAt(0);
    }

    private static void score(Model model, TableInput table, Options o, PrintStream out) throws IOException {
        Path file = o.files.get(1);
        long bytes = Files.size(file);
        if (Files.exists(o.target) && Files.isSameFile(file, o.target)) {
            throw new UsageException("--out " + o.target + " is the file that is read; name another one");
        }
        Session session = model.session();
        try (CountedStream in = new CountedStream(Files.newInputStream(file));
                CsvRows rows = new CsvRows(file.toString(), new BufferedInputStream(in), o.separator);
                CsvWriter writer = CsvWriter.builder().build(o.target)) {
            TableBatch next = table.batches(rows, o.batch);
            long start = System.nanoTime();
            long shown = start;
            long count = 0;
            boolean first = true;
            while (next.next()) {
                Outputs outputs = session.predict(next.inputs());
                if (first) {
                    writer.writeRecord(header(model, outputs));
                    first = false;
                }
                write(writer, model, outputs, next.count());
                count += next.count();
                long now = System.nanoTime();
                if (now - shown >= SHOW_NANOS) {
                    shown = now;
                    out.println(progress(count, in.count(), bytes, now - start));
                }
            }
            out.printf(
                    Locale.ROOT,
                    "%,d rows in %.2f s, %,.0f rows/s%n",
                    count,
                    (System.nanoTime() - start) / 1e9,
                    count / ((System.nanoTime() - start) / 1e9));
        }
    }

    /** Such as {@code 40 %  120,000 rows, 60,000 rows/s, 3 s left}. */
    static String progress(long rows, long bytes, long all, long nanos) {
        double share = all == 0 ? 1 : (double) bytes / all;
        double left = share == 0 ? 0 : nanos / 1e9 * (1 - share) / share;
        return String.format(
                Locale.ROOT,
                "%3.0f %%  %,d rows, %,.0f rows/s, %,.0f s left",
                100 * share,
                rows,
                rows / (nanos / 1e9),
                left);
    }

    /** A column for each element of a row: {@code prediction}, or {@code prediction_0} and so on. */
    private static List<String> header(Model model, Outputs outputs) {
        List<String> header = new ArrayList<>();
        for (ValueInfo output : model.outputs()) {
            Tensor t = tensor(outputs, output);
            long width = t.rank() < 2 ? 1 : t.size() / Math.max(1, t.dim(0));
            for (long k = 0; k < width; k++) {
                header.add(width == 1 ? output.name() : output.name() + '_' + k);
            }
        }
        return header;
    }

    private static Tensor tensor(Outputs outputs, ValueInfo output) {
        if (outputs.get(output.name()) instanceof Tensor t) {
            return t;
        }
        throw new InvalidInputException(
                "output '" + output.name() + "'", output.type() + "", "a tensor", "convert the model without ZipMap");
    }

    private static void write(CsvWriter writer, Model model, Outputs outputs, int rows) {
        List<Tensor> tensors = new ArrayList<>();
        for (ValueInfo output : model.outputs()) {
            Tensor t = tensor(outputs, output);
            if (t.rank() == 0 || t.dim(0) != rows) {
                throw new InvalidInputException(
                        "output '" + output.name() + "'", "shape " + t.shape(), "a first dimension of " + rows, null);
            }
            tensors.add(t);
        }
        List<String> row = new ArrayList<>();
        for (int r = 0; r < rows; r++) {
            row.clear();
            for (Tensor t : tensors) {
                long width = t.size() / rows;
                for (long i = r * width; i < (r + 1) * width; i++) {
                    row.add(text(t, i));
                }
            }
            writer.writeRecord(row);
        }
    }

    private static String text(Tensor t, long i) {
        DType type = t.dtype();
        if (type == DType.STRING) {
            return t.getString(i);
        }
        if (type == DType.FLOAT32) {
            return Float.toString(t.getFloat(i));
        }
        return type.isFloating() ? Double.toString(t.getDouble(i)) : Long.toString(t.getLong(i));
    }
}
