package dev.tenon.samples.compress;

import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Samples;
import dev.tenon.compression.StoredSamples;
import dev.tenon.samples.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;

/** Options that tell data, and how models are judged on it. */
class DataOptions {
    /** The values of the options by their names. */
    final Map<String, String> values;

    DataOptions(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Reads arguments. Each option may be given once.
     *
     * @param args the arguments
     * @param names the options that there are
     * @param values receives the value of each option
     * @return the arguments that are no options
     */
    static List<String> parse(List<String> args, Set<String> names, Map<String, String> values) {
        List<String> others = new ArrayList<>();
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            if (!arg.startsWith("--")) {
                others.add(arg);
            } else if (!names.contains(arg)) {
                throw new UsageException("unknown option " + arg);
            } else if (i + 1 == args.size()) {
                throw new UsageException(arg + " needs a value");
            } else if (values.put(arg, args.get(++i)) != null) {
                throw new UsageException(arg + " is given twice");
            }
        }
        return others;
    }

    /** Checks the form of all that is here. */
    final void checkData() {
        scale();
        mean();
        std();
        layout();
        floor();
        confidence();
        seed();
        archive();
    }

    /** The share of intervals that hold the true loss, if a margin is demanded. */
    final OptionalDouble confidence() {
        if (!values.containsKey("--confidence")) {
            return OptionalDouble.empty();
        }
        double level = number("--confidence", values.get("--confidence"));
        if (!(level > 0 && level < 1)) {
            throw new UsageException(
                    "--confidence " + values.get("--confidence") + " is not between 0 and 1, such as 0.95");
        }
        return OptionalDouble.of(level);
    }

    final void needs(String option, String other) {
        if (values.containsKey(option) && !values.containsKey(other)) {
            throw new UsageException(option + " needs " + other);
        }
    }

    final Optional<Path> path(String name) {
        return Optional.ofNullable(values.get(name)).map(Path::of);
    }

    final String choice(String name, String standard, String... others) {
        String value = values.getOrDefault(name, standard);
        if (!value.equals(standard) && !List.of(others).contains(value)) {
            throw new UsageException(name + " " + value + " is none of " + standard + ", " + String.join(", ", others));
        }
        return value;
    }

    static double number(String name, String text) {
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

    Optional<Path> labels() {
        return path("--labels");
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

    /** The points that may be lost, or the largest mean squared error. */
    double floor() {
        double floor = number("--floor", values.getOrDefault("--floor", "0.5"));
        if (floor < 0) {
            throw new UsageException("--floor " + values.get("--floor") + " is negative");
        }
        return floor;
    }

    /** The limits of an npz file: how large its arrays are, and how many times larger than the file. */
    Samples.ArchiveLimits archive() {
        Samples.ArchiveLimits limits = Samples.ArchiveLimits.defaults();
        if (values.containsKey("--archive-megabytes")) {
            long bytes = whole("--archive-megabytes") << 20;
            limits = limits.withMaxBytes(bytes).withMaxArrayBytes(bytes);
        }
        return values.containsKey("--archive-ratio") ? limits.withMaxRatio(whole("--archive-ratio")) : limits;
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

    /** The samples of a file or folder. */
    final Samples samples(Path data) throws IOException {
        StoredSamples samples;
        if (Files.isDirectory(data)) {
            samples = isBackendTest(data) ? Samples.folder(data) : Samples.npy(data);
        } else if (!Files.exists(data)) {
            throw new CompressionException(data.toString(), "no such file", "samples", null);
        } else {
            samples = data.toString().endsWith(".npz") ? Samples.npz(data, archive()) : Samples.npy(data);
        }
        return samples.normalize(scale(), mean(), std(), layout());
    }

    /** Whether a folder has no arrays, so that it must have data sets. */
    private static boolean isBackendTest(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.noneMatch(p -> p.toString().endsWith(".npy"));
        }
    }
}
