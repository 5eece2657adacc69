package dev.tenon.samples.compress;

import dev.tenon.compression.Compressor;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Score;
import dev.tenon.compression.recipe.Goal;
import dev.tenon.compression.search.Objective;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Usage;
import dev.tenon.samples.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The arguments of the command. */
final class CompressOptions {
    private static final int MOST_THREADS = 9999;

    private final Arguments given;
    private final Path model;

    private CompressOptions(Path model, Arguments given) {
        this.model = model;
        this.given = given;
    }

    /** The options of the command. */
    static Usage usage() {
        return Usage.of(
                        "samples/run compress",
                        "Compresses a model by a recipe, judges the result, and saves it with a report.")
                .arguments("MODEL", "an ONNX file")
                .required("--recipe", "NAME", "a recipe by name, or a file that ends with .json")
                .required("--out", "FILE", "the compressed model")
                .option("--calibrate", "DATA", "samples for calibration: a file .npy or .npz, or a folder")
                .option("--evaluate", "DATA", "samples to judge on")
                .option("--labels", "FILE.npy", "the classes of the samples to judge on")
                .option(
                        "--metric",
                        "NAME",
                        "top1, cosine or mse; top1 with labels and cosine without if it is not given")
                .option("--output", "NAME", "the output that is judged, the first one of floats if it is not given")
                .option("--scale", "X", "integers of samples are multiplied by this, 1 if it is not given")
                .option("--mean", "M,..", "and this is subtracted: one value, or one a channel; 0 if it is not given")
                .option(
                        "--std",
                        "S,..",
                        "and they are divided by this: one value, or one a channel; 1 if it is not given")
                .option("--layout", "LAYOUT", "the axes of images, nchw or nhwc; nchw if it is not given")
                .option(
                        "--floor",
                        "LOSS",
                        "what may be lost, in units of the metric: " + Compressor.STANDARD_LOSS
                                + ", half a point, if it is not given; 1 allows any loss")
                .option("--objective", "WHAT", "what a search makes small, size or latency; size if it is not given")
                .option("--threads", "N", "threads of the calls whose latency is measured, 1 if it is not given")
                .option("--report", "FILE.html", "writes the report as a page")
                .option("--json", "FILE", "writes the report as JSON")
                .option("--seed", "N", "the seed of random choices, 0 if it is not given")
                .option("--resume", "DIR", "keeps the state of the run in a folder, and goes on from there")
                .option("--timings", "FILE", "measured times: read if the file is there, and written if not")
                .option("--archive-megabytes", "N", "the most megabytes of the arrays of a file .npz")
                .option("--archive-ratio", "N", "how many times larger than the file these arrays may be")
                .exit(3, "the floor is missed: the best that was found is saved")
                .exit(130, "ended by Ctrl-C: the best so far is saved, if there is one")
                .example(
                        "samples/run compress model.onnx --recipe int8-dynamic --out small.onnx",
                        "samples/run compress model.onnx --recipe auto --out small.onnx --calibrate calib.npy \\",
                        "    --evaluate eval.npy --labels labels.npy --floor 0.01 --report report.html --resume state");
    }

    /** Reads arguments. Each option may be given once, and its form is checked here. */
    static CompressOptions of(List<String> args) {
        Arguments given = usage().parse(args);
        List<String> models = given.rest();
        if (models.size() != 1) {
            throw new UsageException(models.isEmpty() ? "name a model" : "name one model, not " + models);
        }
        CompressOptions options = new CompressOptions(Path.of(models.getFirst()), given);
        options.check();
        return options;
    }

    private void check() {
        scale();
        mean();
        std();
        layout();
        floor();
        threads();
        seed();
        archive();
        goal();
        String metric = metric();
        needs("--labels", "--evaluate");
        if (metric.equals("top1") && labels().isEmpty()) {
            throw new UsageException("--metric top1 needs --labels");
        }
        if (evaluate().isEmpty() && calibrate().isEmpty()) {
            needs("--metric", "--evaluate");
            needs("--output", "--evaluate");
        }
        if (!isJudged()) {
            needs("--floor", "--evaluate");
        }
    }

    private void needs(String option, String other) {
        if (given.has(option) && !given.has(other)) {
            throw new UsageException(option + " needs " + other);
        }
    }

    private String choice(String name, String standard, String... others) {
        String value = given.value(name).orElse(standard);
        if (!value.equals(standard) && !List.of(others).contains(value)) {
            throw new UsageException(name + " " + value + " is none of " + standard + ", " + String.join(", ", others));
        }
        return value;
    }

    private static double number(String name, String text) {
        try {
            double value = Double.parseDouble(text.strip());
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new UsageException(name + " " + text + " is not a number");
        }
        throw new UsageException(name + " " + text + " is not finite");
    }

    private double[] numbers(String name, String standard) {
        String[] texts = given.value(name).orElse(standard).split(",", -1);
        double[] numbers = new double[texts.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = number(name, texts[i]);
        }
        return numbers;
    }

    Path model() {
        return model;
    }

    String recipe() {
        return given.value("--recipe").orElseThrow();
    }

    Path out() {
        return given.path("--out").orElseThrow();
    }

    Optional<Path> report() {
        return given.path("--report");
    }

    Optional<Path> json() {
        return given.path("--json");
    }

    Optional<Path> calibrate() {
        return given.path("--calibrate");
    }

    Optional<Path> evaluate() {
        return given.path("--evaluate");
    }

    Optional<Path> labels() {
        return given.path("--labels");
    }

    /** The metric: by default accuracy where there are labels. */
    String metric() {
        return labels().isPresent()
                ? choice("--metric", "top1", "cosine", "mse")
                : choice("--metric", "cosine", "top1", "mse");
    }

    /** Whether the result is judged: on the samples for evaluation, or on those for calibration if a metric is given. */
    boolean isJudged() {
        return evaluate().isPresent() || given.has("--metric") || given.has("--output");
    }

    Optional<String> output() {
        return given.value("--output");
    }

    double scale() {
        return number("--scale", given.value("--scale").orElse("1"));
    }

    double[] mean() {
        return numbers("--mean", "0");
    }

    double[] std() {
        double[] numbers = numbers("--std", "1");
        for (double number : numbers) {
            if ((float) number == 0) {
                throw new UsageException("--std " + given.value("--std").orElseThrow() + " has a 0");
            }
        }
        return numbers;
    }

    Samples.Layout layout() {
        return Samples.Layout.valueOf(choice("--layout", "nchw", "nhwc").toUpperCase(Locale.ROOT));
    }

    /** The loss that is allowed, in units of the metric. */
    double floor() {
        double floor = given.has("--floor")
                ? number("--floor", given.value("--floor").orElseThrow())
                : Compressor.STANDARD_LOSS;
        if (floor < 0) {
            throw new UsageException("--floor " + given.value("--floor").orElseThrow() + " is negative");
        }
        if (floor > 1 && Score.points(metric()) > 1) {
            throw new UsageException("--floor " + given.value("--floor").orElseThrow()
                    + " is more than 1, which allows any loss of " + metric() + "; half a point is --floor 0.005");
        }
        return floor;
    }

    int threads() {
        String text = given.value("--threads").orElse("1");
        if (!text.matches("[1-9][0-9]{0,3}")) {
            throw new UsageException("--threads " + text + " is not a number from 1 to " + MOST_THREADS);
        }
        return Integer.parseInt(text);
    }

    /** The limits of an npz file: how large its arrays are, and how many times larger than the file. */
    Samples.ArchiveLimits archive() {
        Samples.ArchiveLimits limits = Samples.ArchiveLimits.standard();
        if (given.has("--archive-megabytes")) {
            long bytes = whole("--archive-megabytes") << 20;
            limits = limits.maxBytes(bytes).maxArrayBytes(bytes);
        }
        return given.has("--archive-ratio") ? limits.maxRatio(whole("--archive-ratio")) : limits;
    }

    private long whole(String name) {
        String text = given.value(name).orElseThrow();
        if (!text.matches("[1-9][0-9]{0,8}")) {
            throw new UsageException(name + " " + text + " is not a whole number from 1 to 999999999");
        }
        return Long.parseLong(text);
    }

    long seed() {
        String text = given.value("--seed").orElse("0");
        if (!text.matches("-?[0-9]{1,18}")) {
            throw new UsageException("--seed " + text + " is not a whole number of at most 18 digits");
        }
        return Long.parseLong(text);
    }

    Goal goal() {
        String objective = choice("--objective", "size", "latency").toUpperCase(Locale.ROOT);
        return new Goal(Objective.valueOf(objective), given.path("--resume"), given.path("--timings"));
    }
}
