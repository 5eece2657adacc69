package dev.tenon.samples.compress;

import dev.tenon.Model;
import dev.tenon.ValueInfo;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Samples;
import dev.tenon.compression.StoredSamples;
import dev.tenon.compression.data.RawSamples;
import dev.tenon.formats.npy.Npy;
import dev.tenon.image.ColorMode;
import dev.tenon.image.ImageLayout;
import dev.tenon.image.ImagePreprocessor;
import dev.tenon.image.ResizeFilter;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Usage;
import dev.tenon.samples.UsageException;
import dev.tenon.samples.tables.CsvColumns;
import dev.tenon.samples.tables.CsvRows;
import dev.tenon.tensor.Tensor;
import dev.tenon.text.Tokenizer;
import java.io.BufferedInputStream;
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
    /** The metrics that can be named. */
    static final String METRICS =
            "cosine, mse, top1, top<k>, f1, auc, log-loss, perplexity, map, spearman, recall@<k>, ndcg@<k>";

    private static final int MOST_BEST_DIGITS = 6;
    private static final int MOST_SIDE = 9999;

    /** The arguments. */
    final Arguments given;

    DataOptions(Arguments given) {
        this.given = given;
    }

    /** Adds the options that are here to a command. */
    static Usage described(Usage usage) {
        return usage.option(
                        "--labels",
                        "FILE.npy",
                        "the classes of the samples to judge on; perplexity takes the next tokens of a file of token ids if not given")
                .option("--output", "NAME", "the output that is judged, the first one of floats if it is not given")
                .option("--scale", "X", "integers of samples are multiplied by this, 1 if it is not given")
                .option("--mean", "M,..", "and this is subtracted: one value, or one a channel; 0 if it is not given")
                .option(
                        "--std",
                        "S,..",
                        "and they are divided by this: one value, or one a channel; 1 if it is not given")
                .option("--tokenizer", "FILE.json", "the tokenizer for texts in a file .txt, a sample in each line")
                .option("--resize", "SIDE", "images are resized so that their shorter side has this length")
                .option("--crop", "WxH", "images are cropped to this, at the centre")
                .option("--channels", "ORDER", "the channels of images, rgb, bgr or gray; rgb if it is not given")
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
        if (given.has("--resize") || given.has("--crop") || given.has("--channels")) {
            preprocessor();
        }
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

    /** The samples of a file or folder, for a model. */
    final Samples samples(Path data, Model model) throws IOException {
        if (!Files.exists(data)) {
            throw new CompressionException(data.toString(), "no such file", "samples", null);
        }
        if (Files.isDirectory(data)) {
            return has(data, ".*\\.npy") || has(data, "test_data_set_.*") || !hasImages(data)
                    ? arrays(has(data, ".*\\.npy") ? Samples.npy(data) : Samples.folder(data))
                    : RawSamples.images(data, preprocessor());
        }
        String name = data.toString();
        if (name.endsWith(".txt")) {
            Path tokenizer = given.path("--tokenizer")
                    .orElseThrow(() -> new UsageException("texts in " + data + " need --tokenizer"));
            return RawSamples.texts(data, Tokenizer.load(tokenizer));
        }
        if (name.endsWith(".csv")) {
            List<String> header;
            try (CsvRows rows = csv(data)) {
                header = rows.columns();
            }
            return RawSamples.rows(CsvColumns.of(model, header, List.of(), name), () -> csv(data));
        }
        if (name.endsWith(".npy") && hasPast(model)) {
            return RawSamples.tokens(Npy.read(data));
        }
        return arrays(name.endsWith(".npz") ? Samples.npz(data, archive()) : Samples.npy(data));
    }

    /** Whether a model is a decoder that takes token ids and a past. */
    private static boolean hasPast(Model model) {
        List<String> names = model.inputs().stream().map(ValueInfo::name).toList();
        return names.contains("input_ids") && names.stream().anyMatch(n -> n.startsWith("past_key_values."));
    }

    private Samples arrays(StoredSamples samples) {
        return samples.normalize(scale(), mean(), std(), layout());
    }

    private static CsvRows csv(Path file) {
        try {
            return new CsvRows(file.toString(), new BufferedInputStream(Files.newInputStream(file)), ',');
        } catch (IOException e) {
            throw new CompressionException(file.toString(), e.toString(), "a file that can be read", null, e);
        }
    }

    /** How images become inputs. */
    final ImagePreprocessor preprocessor() {
        ColorMode mode =
                ColorMode.valueOf(choice("--channels", "rgb", "bgr", "gray").toUpperCase(Locale.ROOT));
        ImagePreprocessor images = ImagePreprocessor.of(mode)
                .scale((float) scale())
                .mean(floats(mean()))
                .std(floats(std()))
                .layout(ImageLayout.valueOf(layout().name()));
        int side = given.number("--resize", 1, MOST_SIDE, 0);
        images = side == 0 ? images : images.resizeShortest(side, ResizeFilter.BILINEAR);
        Optional<String> crop = given.value("--crop");
        if (crop.isEmpty()) {
            return images;
        }
        if (!crop.get().matches("[1-9][0-9]{0,3}x[1-9][0-9]{0,3}")) {
            throw new UsageException("--crop " + crop.get() + " is not of the form 224x224");
        }
        String[] sides = crop.get().split("x");
        return images.centerCrop(Integer.parseInt(sides[0]), Integer.parseInt(sides[1]));
    }

    private static float[] floats(double[] numbers) {
        float[] floats = new float[numbers.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) numbers[i];
        }
        return floats;
    }

    private static boolean has(Path folder, String name) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.anyMatch(p -> p.getFileName().toString().matches(name));
        }
    }

    private static boolean hasImages(Path folder) throws IOException {
        try (Stream<Path> entries = Files.walk(folder, 2)) {
            return entries.anyMatch(p -> p.getFileName().toString().matches("(?i).*\\.(png|jpe?g|bmp|gif)"));
        }
    }

    /** Checks the name of a metric. */
    static void checkMetric(String name) {
        if (!name.matches("cosine|mse|top[1-9]\\d*|f1|auc|log-loss|perplexity|map|spearman|(recall|ndcg)@[1-9]\\d*")) {
            throw new UsageException("--metric " + name + " is none of " + METRICS);
        }
        if (digits(name).length() > MOST_BEST_DIGITS) {
            throw new UsageException("--metric " + name + ": the number has more than " + MOST_BEST_DIGITS + " digits");
        }
    }

    private static String digits(String name) {
        return name.equals("f1") ? "" : name.replaceAll("^[^0-9]*", "");
    }

    /** Whether a metric compares outputs with labels. */
    static boolean hasLabels(String metric) {
        return !metric.equals("cosine") && !metric.equals("mse");
    }

    /** Whether a metric can't do without a file of labels. Those of a perplexity may be the tokens that follow. */
    static boolean needsLabels(String metric) {
        return hasLabels(metric) && !metric.equals("perplexity");
    }

    /** A metric of the output that is judged, on some data. */
    final Metric metric(String name, Optional<Path> labels, Path data) {
        checkMetric(name);
        if (!hasLabels(name)) {
            return ofOutput(name.equals("cosine") ? Metric.cosine() : Metric.meanSquaredError());
        }
        if (labels.isEmpty() && (needsLabels(name) || !data.toString().endsWith(".npy"))) {
            throw new UsageException("--metric " + name + " needs --labels");
        }
        Tensor y = labels.map(Npy::read).orElseGet(() -> RawSamples.nextTokens(Npy.read(data)));
        int k = digits(name).isEmpty() ? 1 : Integer.parseInt(digits(name));
        return ofOutput(
                switch (name.replaceAll("(?<=top|@)\\d+$", "")) {
                    case "top" -> k == 1 ? Metric.accuracy(y) : Metric.topK(y, k);
                    case "f1" -> Metric.macroF1(y);
                    case "auc" -> Metric.auc(y);
                    case "log-loss" -> Metric.logLoss(y);
                    case "perplexity" -> Metric.perplexity(y);
                    case "map" -> Metric.meanAveragePrecision(y);
                    case "recall@" -> Metric.recallAt(y, k);
                    case "ndcg@" -> Metric.ndcg(y, k);
                    default -> Metric.spearman(y);
                });
    }

    private Metric ofOutput(Metric metric) {
        return output().map(metric::output).orElse(metric);
    }
}
