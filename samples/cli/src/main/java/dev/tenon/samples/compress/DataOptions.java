package dev.tenon.samples.compress;

import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Samples;
import dev.tenon.compression.StoredSamples;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Usage;
import dev.tenon.samples.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** Options that tell data, and how models are judged on it. */
class DataOptions {
    /** The arguments. */
    final Arguments given;

    DataOptions(Arguments given) {
        this.given = given;
    }

    /** Adds the options that are here to a command. */
    static Usage described(Usage usage) {
        return usage.option("--labels", "FILE.npy", "the classes of the samples to judge on")
                .option("--output", "NAME", "the output that is judged, the first one of floats if it is not given")
                .option("--scale", "X", "integers of samples are multiplied by this, 1 if it is not given")
                .option("--mean", "M,..", "and this is subtracted: one value, or one a channel; 0 if it is not given")
                .option(
                        "--std",
                        "S,..",
                        "and they are divided by this: one value, or one a channel; 1 if it is not given")
                .option("--layout", "LAYOUT", "the axes of images, nchw or nhwc; nchw if it is not given")
                .option(
                        "--confidence",
                        "SHARE",
                        "allows a loss with its margin only, such as that of 0.95 of intervals")
                .option("--seed", "N", "the seed of random choices, 0 if it is not given")
                .option("--archive-megabytes", "N", "the most megabytes of the arrays of a file .npz")
                .option("--archive-ratio", "N", "how many times larger than the file these arrays may be");
    }

    /** Checks the form of all that is here. */
    final void checkData() {
        scale();
        mean();
        std();
        layout();
        if (given.has("--floor")) {
            floor();
        }
        confidence();
        seed();
        archive();
    }

    /** The share of intervals that hold the true loss, if a margin is demanded. */
    final OptionalDouble confidence() {
        if (!given.has("--confidence")) {
            return OptionalDouble.empty();
        }
        double level = number("--confidence", given.value("--confidence").orElseThrow());
        if (!(level > 0 && level < 1)) {
            throw new UsageException("--confidence "
                    + given.value("--confidence").orElseThrow() + " is not between 0 and 1, such as 0.95");
        }
        return OptionalDouble.of(level);
    }

    final void needs(String option, String other) {
        if (given.has(option) && !given.has(other)) {
            throw new UsageException(option + " needs " + other);
        }
    }

    final String choice(String name, String standard, String... others) {
        String value = given.value(name).orElse(standard);
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
        String[] texts = given.value(name).orElse(standard).split(",", -1);
        double[] numbers = new double[texts.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = number(name, texts[i]);
        }
        return numbers;
    }

    Optional<Path> labels() {
        return given.path("--labels");
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

    /** The loss that is allowed, in units of the metric, which must be given. */
    double floor() {
        double floor = number("--floor", given.value("--floor").orElseThrow());
        if (floor < 0) {
            throw new UsageException("--floor " + given.value("--floor").orElseThrow() + " is negative");
        }
        return floor;
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
