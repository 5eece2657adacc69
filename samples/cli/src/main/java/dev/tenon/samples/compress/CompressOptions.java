package dev.tenon.samples.compress;

import dev.tenon.Model;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Samples;
import dev.tenon.compression.data.RawSamples;
import dev.tenon.compression.recipe.Goal;
import dev.tenon.compression.search.Objective;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Usage;
import dev.tenon.samples.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The arguments of the command. */
final class CompressOptions extends DataOptions {
    private static final int MOST = 9999;
    private static final long BLOCK_BYTES = 256_000_000;

    /** The metrics that may be more than 1. */
    private static final List<String> UNBOUNDED = List.of("mse", "log-loss", "perplexity");

    private final Path model;

    private CompressOptions(Path model, Arguments given) {
        super(given);
        this.model = model;
    }

    /** The options of the command. */
    static Usage usage() {
        Usage usage = Usage.of(
                "samples/run compress",
                "Compresses a model by a recipe, judges the result, and saves it with a report.");
        return described(usage)
                .arguments("MODEL", "a model of any format, such as a folder of safetensors")
                .required("--recipe", "NAME", "a recipe by name, or a file that ends with .json")
                .required("--out", "FILE", "the compressed model")
                .option("--calibrate", "DATA", "samples for calibration: a file .npy, .npz, .txt or .csv, or a folder")
                .flag("gives the samples for calibration in an order of the seed, in blocks of 256 MB", "--shuffle")
                .option("--evaluate", "DATA", "samples to judge on")
                .option("--metric", "NAME", METRICS + "; top1 with labels and cosine without if it is not given")
                .option("--test", "DATA", "samples that judge the result once, at the end, and that no choice sees")
                .option("--test-labels", "FILE.npy", "the classes of the samples to test on")
                .option(
                        "--floor",
                        "LOSS",
                        "what may be lost, in units of the metric: " + Compressor.STANDARD_LOSS
                                + ", half a point, if it is not given; 1 allows any loss")
                .option("--heal", "N", "trains the weights for N epochs after the steps of the recipe")
                .option("--objective", "WHAT", "what a search makes small, size or latency; size if it is not given")
                .option("--threads", "N", "threads of the calls whose latency is measured, 1 if it is not given")
                .option("--report", "FILE.html", "writes the report as a page")
                .option("--json", "FILE", "writes the report as JSON")
                .option("--resume", "DIR", "keeps the state of the run in a folder, and goes on from there")
                .option("--timings", "FILE", "measured times: read if the file is there, and written if not")
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
        checkData();
        threads();
        goal();
        if (heal() > 0 && calibrate().isEmpty()) {
            throw new UsageException("--heal needs --calibrate");
        }
        String metric = metric();
        needs("--labels", "--evaluate");
        needs("--test-labels", "--test");
        needs("--shuffle", "--calibrate");
        if (!hasLabels(metric)) {
            needs("--test-labels", "--labels");
        } else if (needsLabels(metric) && test().isPresent() && testLabels().isEmpty()) {
            throw new UsageException("--test needs --test-labels for --metric " + metric);
        }
        needs("--confidence", isJudged() ? "--confidence" : "--test");
        if (needsLabels(metric) && labels().isEmpty() && (isJudged() || test().isEmpty())) {
            throw new UsageException("--metric " + metric + " needs --labels");
        }
        if (evaluate().isEmpty() && calibrate().isEmpty()) {
            needs("--metric", "--evaluate");
            needs("--output", "--evaluate");
        }
        if (!isJudged() && test().isEmpty()) {
            needs("--floor", "--evaluate");
        }
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

    /** The samples for calibration, which must be given. */
    Samples calibration(Model before) throws IOException {
        Samples samples = samples(calibrate().orElseThrow(), before);
        return given.has("--shuffle") ? RawSamples.shuffled(samples, seed(), BLOCK_BYTES) : samples;
    }

    Optional<Path> evaluate() {
        return given.path("--evaluate");
    }

    Optional<Path> test() {
        return given.path("--test");
    }

    Optional<Path> testLabels() {
        return given.path("--test-labels");
    }

    /** The metric: by default accuracy where there are labels. */
    String metric() {
        String metric =
                given.value("--metric").orElse(labels().or(this::testLabels).isPresent() ? "top1" : "cosine");
        checkMetric(metric);
        return metric;
    }

    /** Whether the result is judged: on the samples for evaluation, or on those for calibration if a metric is given. */
    boolean isJudged() {
        return evaluate().isPresent() || given.has("--metric") || given.has("--output");
    }

    /** The data that the result is judged on. */
    Path judgedOn() {
        return evaluate().or(this::calibrate).orElseThrow(() -> new UsageException("--metric needs --evaluate"));
    }

    /** The loss that is allowed, in units of the metric. */
    @Override
    double floor() {
        double floor = given.has("--floor") ? super.floor() : Compressor.STANDARD_LOSS;
        if (floor > 1 && !UNBOUNDED.contains(metric())) {
            throw new UsageException("--floor " + given.value("--floor").orElseThrow()
                    + " is more than 1, which allows any loss of " + metric() + "; half a point is --floor 0.005");
        }
        return floor;
    }

    int threads() {
        return given.number("--threads", 1, MOST, 1);
    }

    /** The epochs of healing, 0 for none. */
    int heal() {
        return given.number("--heal", 1, MOST, 0);
    }

    Goal goal() {
        String objective = choice("--objective", "size", "latency").toUpperCase(Locale.ROOT);
        return new Goal(Objective.valueOf(objective), given.path("--resume"), given.path("--timings"));
    }
}
