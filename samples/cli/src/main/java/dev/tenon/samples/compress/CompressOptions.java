package dev.tenon.samples.compress;

import dev.tenon.compression.recipe.Goal;
import dev.tenon.compression.search.Objective;
import dev.tenon.samples.UsageException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The arguments of the command. */
final class CompressOptions extends DataOptions {
    static final String USAGE = "MODEL --recipe NAME|FILE.json --out FILE [--calibrate DATA] "
            + "[--evaluate DATA [--labels FILE.npy]] [--test DATA [--test-labels FILE.npy]] [--confidence SHARE] [--metric top1|cosine|mse] [--output NAME] [--scale X] [--mean M,..] "
            + "[--std S,..] [--layout nchw|nhwc] [--floor POINTS] [--objective size|latency] [--threads N] "
            + "[--archive-megabytes N] [--archive-ratio N] [--report FILE.html] [--json FILE] [--seed N] [--resume DIR] [--timings FILE]";

    private static final Set<String> NAMES = Set.of(
            "--recipe",
            "--out",
            "--calibrate",
            "--evaluate",
            "--labels",
            "--test",
            "--test-labels",
            "--confidence",
            "--metric",
            "--output",
            "--scale",
            "--mean",
            "--std",
            "--layout",
            "--floor",
            "--objective",
            "--threads",
            "--report",
            "--json",
            "--seed",
            "--resume",
            "--timings",
            "--archive-megabytes",
            "--archive-ratio");
    private static final int MOST_THREADS = 9999;

    private final Path model;

    private CompressOptions(Path model, Map<String, String> values) {
        super(values);
        this.model = model;
    }

    /** Reads arguments. Each option may be given once, and its form is checked here. */
    static CompressOptions of(List<String> args) {
        Map<String, String> values = new LinkedHashMap<>();
        List<String> models = parse(args, NAMES, values);
        if (models.size() != 1) {
            throw new UsageException(models.isEmpty() ? "name a model" : "name one model, not " + models);
        }
        CompressOptions options = new CompressOptions(Path.of(models.getFirst()), values);
        options.check();
        return options;
    }

    private void check() {
        required("--recipe");
        required("--out");
        checkData();
        threads();
        goal();
        String metric = metric();
        needs("--labels", "--evaluate");
        needs("--test-labels", "--test");
        if (!metric.equals("top1")) {
            needs("--test-labels", "--labels");
        } else if (test().isPresent() && testLabels().isEmpty()) {
            throw new UsageException("--test needs --test-labels for --metric top1");
        }
        needs("--confidence", isJudged() ? "--confidence" : "--test");
        if (metric.equals("top1") && labels().isEmpty() && (isJudged() || test().isEmpty())) {
            throw new UsageException("--metric top1 needs --labels");
        }
        if (evaluate().isEmpty() && calibrate().isEmpty()) {
            needs("--metric", "--evaluate");
            needs("--output", "--evaluate");
        }
        if (!isJudged() && test().isEmpty()) {
            needs("--floor", "--evaluate");
        }
    }

    private String required(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new UsageException("give " + name);
        }
        return value;
    }

    Path model() {
        return model;
    }

    String recipe() {
        return required("--recipe");
    }

    Path out() {
        return Path.of(required("--out"));
    }

    Optional<Path> report() {
        return path("--report");
    }

    Optional<Path> json() {
        return path("--json");
    }

    Optional<Path> calibrate() {
        return path("--calibrate");
    }

    Optional<Path> evaluate() {
        return path("--evaluate");
    }

    Optional<Path> test() {
        return path("--test");
    }

    Optional<Path> testLabels() {
        return path("--test-labels");
    }

    /** The metric: by default accuracy where there are labels. */
    String metric() {
        return labels().or(this::testLabels).isPresent()
                ? choice("--metric", "top1", "cosine", "mse")
                : choice("--metric", "cosine", "top1", "mse");
    }

    /** Whether the result is judged: on the samples for evaluation, or on those for calibration if a metric is given. */
    boolean isJudged() {
        return evaluate().isPresent() || values.containsKey("--metric") || values.containsKey("--output");
    }

    int threads() {
        String text = values.getOrDefault("--threads", "1");
        if (!text.matches("[1-9][0-9]{0,3}")) {
            throw new UsageException("--threads " + text + " is not a number from 1 to " + MOST_THREADS);
        }
        return Integer.parseInt(text);
    }

    Goal goal() {
        String objective = choice("--objective", "size", "latency").toUpperCase(Locale.ROOT);
        return new Goal(Objective.valueOf(objective), path("--resume"), path("--timings"));
    }
}
