package dev.tenon.samples.compress;

import dev.tenon.compression.Compressor;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Score;
import dev.tenon.compression.recipe.Goal;
import dev.tenon.compression.search.Objective;
import dev.tenon.samples.UsageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The arguments of the command. */
final class CompressOptions {
    static final String USAGE = "MODEL --recipe NAME|FILE.json --out FILE [--calibrate DATA] "
            + "[--evaluate DATA [--labels FILE.npy]] [--metric top1|cosine|mse] [--output NAME] [--scale X] [--mean M,..] "
            + "[--std S,..] [--layout nchw|nhwc] [--floor LOSS] [--objective size|latency] [--threads N] "
            + "[--archive-megabytes N] [--archive-ratio N] [--report FILE.html] [--json FILE] [--seed N] [--resume DIR] [--timings FILE]";

    private static final Set<String> NAMES = Set.of(
            "--recipe",
            "--out",
            "--calibrate",
            "--evaluate",
            "--labels",
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

    private final Map<String, String> values;
    private final Path model;

    private CompressOptions(Path model, Map<String, String> values) {
        this.model = model;
        this.values = values;
    }

    /** Reads arguments. Each option may be given once, and its form is checked here. */
    static CompressOptions of(List<String> args) {
        Map<String, String> values = new LinkedHashMap<>();
        List<String> models = new ArrayList<>();
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            if (!arg.startsWith("--")) {
                models.add(arg);
            } else if (!NAMES.contains(arg)) {
                throw new UsageException("unknown option " + arg);
            } else if (i + 1 == args.size()) {
                throw new UsageException(arg + " needs a value");
            } else if (values.put(arg, args.get(++i)) != null) {
                throw new UsageException(arg + " is given twice");
            }
        }
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
        if (values.containsKey(option) && !values.containsKey(other)) {
            throw new UsageException(option + " needs " + other);
        }
    }

    private String required(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new UsageException("give " + name);
        }
        return value;
    }

    private Optional<Path> path(String name) {
        return Optional.ofNullable(values.get(name)).map(Path::of);
    }

    private String choice(String name, String standard, String... others) {
        String value = values.getOrDefault(name, standard);
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
        String[] texts = values.getOrDefault(name, standard).split(",", -1);
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

    Optional<Path> labels() {
        return path("--labels");
    }

    /** The metric: by default accuracy where there are labels. */
    String metric() {
        return labels().isPresent()
                ? choice("--metric", "top1", "cosine", "mse")
                : choice("--metric", "cosine", "top1", "mse");
    }

    /** Whether the result is judged: on the samples for evaluation, or on those for calibration if a metric is given. */
    boolean isJudged() {
        return evaluate().isPresent() || values.containsKey("--metric") || values.containsKey("--output");
    }

    Optional<String> output() {
        return Optional.ofNullable(values.get("--output"));
    }

    double scale() {
        return number("--scale", values.getOrDefault("--scale", "1"));
    }

    double[] mean() {
        return numbers("--mean", "0");
    }

    double[] std() {
        double[] numbers = numbers("--std", "1");
        for (double number : numbers) {
            if ((float) number == 0) {
                throw new UsageException("--std " + values.get("--std") + " has a 0");
            }
        }
        return numbers;
    }

    Samples.Layout layout() {
        return Samples.Layout.valueOf(choice("--layout", "nchw", "nhwc").toUpperCase(Locale.ROOT));
    }

    /** The loss that is allowed, in units of the metric. */
    double floor() {
        double floor = values.containsKey("--floor")
                ? number("--floor", values.get("--floor"))
                : Compressor.STANDARD_LOSS;
        if (floor < 0) {
            throw new UsageException("--floor " + values.get("--floor") + " is negative");
        }
        if (floor > 1 && Score.points(metric()) > 1) {
            throw new UsageException("--floor " + values.get("--floor") + " is more than 1, which allows any loss of "
                    + metric() + "; half a point is --floor 0.005");
        }
        return floor;
    }

    int threads() {
        String text = values.getOrDefault("--threads", "1");
        if (!text.matches("[1-9][0-9]{0,3}")) {
            throw new UsageException("--threads " + text + " is not a number from 1 to " + MOST_THREADS);
        }
        return Integer.parseInt(text);
    }

    /** The limits of an npz file: how large its arrays are, and how many times larger than the file. */
    Samples.ArchiveLimits archive() {
        Samples.ArchiveLimits limits = Samples.ArchiveLimits.standard();
        if (values.containsKey("--archive-megabytes")) {
            long bytes = whole("--archive-megabytes") << 20;
            limits = limits.maxBytes(bytes).maxArrayBytes(bytes);
        }
        return values.containsKey("--archive-ratio") ? limits.maxRatio(whole("--archive-ratio")) : limits;
    }

    private long whole(String name) {
        String text = values.get(name);
        if (!text.matches("[1-9][0-9]{0,8}")) {
            throw new UsageException(name + " " + text + " is not a whole number from 1 to 999999999");
        }
        return Long.parseLong(text);
    }

    long seed() {
        String text = values.getOrDefault("--seed", "0");
        if (!text.matches("-?[0-9]{1,18}")) {
            throw new UsageException("--seed " + text + " is not a whole number of at most 18 digits");
        }
        return Long.parseLong(text);
    }

    Goal goal() {
        String objective = choice("--objective", "size", "latency").toUpperCase(Locale.ROOT);
        return new Goal(Objective.valueOf(objective), path("--resume"), path("--timings"));
    }
}
