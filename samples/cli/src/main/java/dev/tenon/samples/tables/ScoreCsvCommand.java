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
import dev.tenon.samples.Usage;
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
    private static final String UNKNOWN = "--unknown-is-missing";
    private static final long SHOW_NANOS = 1_000_000_000L;

    /** Makes the command. */
    public ScoreCsvCommand() {}

    @Override
    public Usage usage() {
        return Usage.of(
                        "samples/run score-csv",
                        "Scores a CSV file: the rows go to a model, and a CSV file gets its predictions, a record for each row.")
                .arguments("MODEL FILE.csv", "a model of tables, and rows; the first line names the columns")
                .required("--out", "FILE", "the CSV file of the predictions")
                .option("--keep", "NAME,...", "columns of the rows that are written beside the predictions")
                .option(
                        "--columns",
                        "NAME,...",
                        "the columns that the model takes, in its order. If they are not given, they are those that the"
                                + " model names; a model without names takes all that are not kept, in the order of the file")
                .option("--separator", "C", "the character between cells, a comma if it is not given")
                .option("--batch", "N", "the rows of a prediction, " + BATCH + " if it is not given")
                .flag("takes categories that the model does not know for missing", UNKNOWN)
                .option(
                        "--trees",
                        "WHICH",
                        "the trees of an XGBoost file: all, or best-iteration; all if it is not given")
                .example(
                        "samples/run score-csv model.json customers.csv --out scores.csv --keep id",
                        "samples/run score-csv model.txt rows.csv --out scores.csv --columns age,city --separator ';'");
    }

    @Override
    public int run(List<String> args, PrintStream out) throws IOException {
        Options o = new Options(usage().parse(args));
        try {
            score(Model.load(o.files.get(0), o.load), o, out);
            return 0;
        } catch (InvalidInputException e) {
            throw inOptions(e);
        }
    }

    /** The same error with the option that cures it, in the place of the call that does. */
    private static InvalidInputException inOptions(InvalidInputException e) {
        String cure = String.valueOf(e.cure());
        if (cure.contains("TableInput.unknownCategories")) {
            return new InvalidInputException(e.thing(), e.found(), e.allowed(), "give " + UNKNOWN);
        }
        return cure.contains("TableInput.")
                ? new InvalidInputException(
                        e.thing(), e.found(), e.allowed(), "name the columns by --columns, or change the file")
                : e;
    }

    /** The arguments. */
    private static final class Options {
        private final List<Path> files;
        private final int batch;
        private final char separator;
        private final Path target;
        private final List<String> names;
        private final List<String> kept;
        private final UnknownCategory unknown;
        private final LoadOptions load;

        Options(Arguments given) {
            files = given.rest().stream().map(Path::of).toList();
            if (files.size() != 2) {
                throw new UsageException("name a model and a CSV file");
            }
            target = given.path("--out").orElseThrow();
            batch = given.number("--batch", 1, 9_999_999, BATCH);
            separator = character(given.value("--separator").orElse(","));
            names = names(given, "--columns");
            kept = names(given, "--keep");
            unknown = given.has(UNKNOWN) ? UnknownCategory.MISSING : UnknownCategory.REFUSED;
            load = given.value("--trees")
                    .map(which -> LoadOptions.standard().trees(trees(which)))
                    .orElse(LoadOptions.standard());
        }

        private static List<String> names(Arguments given, String option) {
            return given.value(option).map(text -> List.of(text.split(",", -1))).orElse(List.of());
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

    /** The columns of a model: those that the options name, those that it names, or those of the file. */
    private static TableInput table(Model model, List<String> header, Options o) {
        TableInput table = o.names.isEmpty()
                ? CsvColumns.of(model, header, o.kept, o.files.get(1).toString())
                : TableInput.of(model, Map.of(model.inputs().getFirst().name(), o.names));
        return table.unknownCategories(o.unknown);
    }

    private static void score(Model model, Options o, PrintStream out) throws IOException {
        Path file = o.files.get(1);
        long bytes = Files.size(file);
        if (Files.exists(o.target) && Files.isSameFile(file, o.target)) {
            throw new UsageException("--out " + o.target + " is the file that is read; name another one");
        }
        Session session = model.session();
        try (CountedStream in = new CountedStream(Files.newInputStream(file));
                CsvRows rows = new CsvRows(file.toString(), new BufferedInputStream(in), o.separator);
                CsvWriter writer = CsvWriter.builder().build(o.target)) {
            rows.keep(o.kept);
            TableBatch next = table(model, rows.columns(), o).batches(rows, o.batch);
            long start = System.nanoTime();
            long shown = start;
            long count = 0;
            boolean first = true;
            while (next.next()) {
                Outputs outputs = session.predict(next.inputs());
                if (first) {
                    writer.writeRecord(joined(o.kept, header(model, outputs)));
                    first = false;
                }
                write(writer, model, outputs, next.count(), rows.takeKept());
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

    private static List<String> joined(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private static void write(CsvWriter writer, Model model, Outputs outputs, int rows, List<List<String>> kept) {
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
            row.addAll(kept.isEmpty() ? List.of() : kept.get(r));
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
