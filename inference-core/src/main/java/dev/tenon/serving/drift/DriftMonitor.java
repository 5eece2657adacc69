package dev.tenon.serving.drift;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.event.Listeners;
import dev.tenon.event.Recorder;
import dev.tenon.serving.DriftAlarm;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.drift.Feature.Difference;
import dev.tenon.statistics.AdaptiveWindow;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.LongStream;

/**
 * Tells when inputs or scores are not distributed as those of a reference are, such as the data that a model was trained
 * with.
 *
 * <p>Inputs are compared in windows of rows. Each column of an input is compared for itself; an input with more than 256
 * columns, such as an image, is compared by the mean of each row. Numbers are compared by {@link DriftAlarm.Test#PSI},
 * {@link DriftAlarm.Test#KS}, {@link DriftAlarm.Test#RANGE} and {@link DriftAlarm.Test#MISSING}; strings, booleans, and
 * integers with at most 64 values in the reference, by {@code PSI}, {@link DriftAlarm.Test#UNSEEN} and {@code MISSING}.
 * The mean of scores is watched by {@link DriftAlarm.Test#ADWIN}, without windows.
 *
 * <p>Limits follow from the number of rows and tests, such that a window without drift raises an alarm with a
 * probability of about {@link Settings#falseAlarms}. Safe for any number of threads. The thread that fills a window
 * compares it, which takes about as long as sorting its columns.
 *
 * <pre>{@code
 * DriftMonitor monitor = DriftMonitor.reference(samples).window(1000).listener(alarms).start();
 * monitor.accept(inputs, outputs);
 * }</pre>
 */
public final class DriftMonitor {
    private static final int MAX_COLUMNS = 256;
    private static final int MAX_CATEGORIES = 64;
    private static final long ANY = -1;
    private static final int TESTS = 5;
    private static final int KEPT_ALARMS = 100;
    /** How much wider than the scores of the reference the range is to which ADWIN's bound applies. */
    private static final double MARGIN = 0.25;

    private final Settings settings;
    private final Listeners listeners;
    private final ReentrantLock lock = new ReentrantLock();
    /** The columns of each input; guarded by the lock, as the fields below are. */
    private final Map<String, List<Feature>> features = new LinkedHashMap<>();

    /** The form of each input in the reference. */
    private final Map<String, Form> forms = new HashMap<>();

    private final Map<String, Score> scores = new LinkedHashMap<>();
    private final List<DriftAlarm> alarms = new ArrayList<>();
    private final Feature.Limits limits;
    private int inWindow;
    private long rows;

    /**
     * The form of an input in the reference.
     *
     * @param type the type of its elements
     * @param columns how many it has; {@value #ANY} if rows are compared by their means
     */
    private record Form(DType type, long columns) {}

    /** A score that is watched: the window of its changes, and the range of the reference. */
    private record Score(AdaptiveWindow window, double low, double width) {}

    private DriftMonitor(Settings settings) {
        this.settings = settings;
        this.listeners = new Listeners(settings.listeners);
        for (String name : new TreeSet<>(settings.samples.getFirst().keySet())) {
            List<Tensor> values = tensors(settings.samples, name);
            features.put(name, columns(name, values));
            long count = columns(values.getFirst());
            forms.put(name, new Form(values.getFirst().dtype(), count > MAX_COLUMNS ? ANY : count));
        }
        int tests = 0;
        for (List<Feature> columns : features.values()) {
            tests += TESTS * columns.size();
        }
        double each = settings.falseAlarms / Math.max(1, 2 * tests);
        limits = new Feature.Limits(settings.psi, settings.missing, each);
        settings.scores.forEach(this::addScore);
    }

    /**
     * Settings of a monitor for the distribution of some calls.
     *
     * @param samples inputs of calls, one row or more each, with tensors of the same columns
     * @return the settings
     * @throws InvalidOptionException if there are no samples
     */
    public static Settings reference(List<? extends Map<String, ? extends Datum>> samples) {
        if (samples.isEmpty()) {
            throw new InvalidOptionException("DriftMonitor.reference", "no samples", "1 or more", null);
        }
        return new Settings(List.copyOf(samples));
    }

    /** Settings of a {@link DriftMonitor}, to be changed before it starts. For one thread. */
    public static final class Settings {
        private static final int STANDARD_WINDOW = 1000;
        private static final double STANDARD_PSI = 0.2;
        private static final double STANDARD_MISSING = 0.05;
        private static final double STANDARD_FALSE_ALARMS = 1e-6;

        private final List<Map<String, ? extends Datum>> samples;
        private final Map<String, double[]> scores = new LinkedHashMap<>();
        private final List<PredictionListener> listeners = new ArrayList<>();
        private String name = "drift";
        private int window = STANDARD_WINDOW;
        private double psi = STANDARD_PSI;
        private double missing = STANDARD_MISSING;
        private double falseAlarms = STANDARD_FALSE_ALARMS;

        private Settings(List<Map<String, ? extends Datum>> samples) {
            this.samples = samples;
        }

        /**
         * Sets the rows of a window: 1,000 unless it is set.
         *
         * @param count at least 10
         * @return this
         * @throws InvalidOptionException if it is less
         */
        public Settings window(int count) {
            if (count < 10) {
                throw new InvalidOptionException("DriftMonitor.window", count + " rows", "10 or more", null);
            }
            window = count;
            return this;
        }

        /**
         * Sets the population stability index above which a window differs: 0.2 unless it is set. Small windows exceed
         * it by chance, so a higher limit may follow from {@link #falseAlarms}.
         *
         * @param index more than 0
         * @return this
         */
        public Settings psi(double index) {
            psi = positive("psi", index);
            return this;
        }

        /**
         * Sets by how much the share of missing values may grow: 0.05 unless it is set.
         *
         * @param share more than 0
         * @return this
         */
        public Settings missing(double share) {
            missing = positive("missing", share);
            return this;
        }

        /**
         * Sets the probability with which a window without drift raises an alarm: 1e-6 unless it is set.
         *
         * @param probability more than 0
         * @return this
         */
        public Settings falseAlarms(double probability) {
            falseAlarms = positive("falseAlarms", probability);
            return this;
        }

        private static double positive(String option, double value) {
            if (!(value > 0)) {
                throw new InvalidOptionException("DriftMonitor." + option, Double.toString(value), "more than 0", null);
            }
            return value;
        }

        /**
         * Watches the mean of an output.
         *
         * @param output the name of the output; the first element of each row is the score
         * @param reference scores of the reference, at least two that differ
         * @return this
         * @throws InvalidOptionException if all scores are equal
         */
        public Settings score(String output, double[] reference) {
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (double x : reference) {
                low = Math.min(low, x);
                high = Math.max(high, x);
            }
            if (!(low < high)) {
                throw new InvalidOptionException(
                        "DriftMonitor.score", "scores of '" + output + "' without a range", "two that differ", null);
            }
            scores.put(Objects.requireNonNull(output, "output"), new double[] {low, high});
            return this;
        }

        /**
         * Sets the name in alarms and events.
         *
         * @param text the name
         * @return this
         */
        public Settings name(String text) {
            name = Objects.requireNonNull(text, "text");
            return this;
        }

        /**
         * Adds a listener.
         *
         * @param listener is told about alarms by {@link PredictionListener#onDrift}
         * @return this
         */
        public Settings listener(PredictionListener listener) {
            listeners.add(Objects.requireNonNull(listener, "listener"));
            return this;
        }

        /**
         * Starts a monitor.
         *
         * @return the monitor
         * @throws InvalidInputException if the samples do not have tensors of the same columns
         */
        public DriftMonitor start() {
            return new DriftMonitor(this);
        }
    }

    private static List<Tensor> tensors(List<Map<String, ? extends Datum>> samples, String name) {
        List<Tensor> tensors = new ArrayList<>();
        for (Map<String, ? extends Datum> sample : samples) {
            tensors.add(tensor(sample, name));
        }
        return tensors;
    }

    private static Tensor tensor(Map<String, ? extends Datum> call, String name) {
        if (call.get(name) instanceof Tensor t && t.rank() > 0) {
            return t;
        }
        throw new InvalidInputException(
                "input '" + name + "'",
                call.get(name) == null ? "not given" : call.get(name).type().toString(),
                "a tensor with rows, as in the reference",
                "give all inputs of the reference");
    }

    private static long columns(Tensor t) {
        return t.dim(0) == 0 ? 0 : t.size() / t.dim(0);
    }

    private List<Feature> columns(String name, List<Tensor> values) {
        long count = columns(values.getFirst());
        boolean text = values.getFirst().dtype() == DType.STRING;
        if (count > MAX_COLUMNS && !text) {
            return List.of(
                    new NumberFeature(name + " (mean)", means(values), settings.window, DriftMonitor::meanOfRow));
        }
        if (count > MAX_COLUMNS) {
            throw new InvalidInputException(
                    "input '" + name + "'", count + " columns of text", "at most " + MAX_COLUMNS, "leave it out");
        }
        List<Feature> columns = new ArrayList<>();
        for (int c = 0; c < count; c++) {
            columns.add(column(count == 1 ? name : name + "[" + c + "]", values, c, count));
        }
        return columns;
    }

    private Feature column(String name, List<Tensor> values, int c, long count) {
        boolean isFloating = values.getFirst().dtype().isFloating();
        List<String> texts = new ArrayList<>();
        List<Double> numbers = new ArrayList<>();
        TreeSet<String> distinct = new TreeSet<>();
        for (Tensor t : values) {
            checkColumns(name, t, count);
            for (long row = 0; row < t.dim(0); row++) {
                if (isFloating) {
                    numbers.add(t.getDouble(row * count + c));
                } else {
                    String text = CategoryFeature.text(t, row * count + c);
                    texts.add(text);
                    distinct.add(text);
                }
            }
        }
        boolean isText = values.getFirst().dtype() == DType.STRING;
        if (isFloating || !isText && distinct.size() > MAX_CATEGORIES) {
            double[] all = isFloating
                    ? numbers.stream().mapToDouble(x -> x).toArray()
                    : texts.stream().mapToDouble(Double::parseDouble).toArray();
            return new NumberFeature(name, all, settings.window, Tensor::getDouble);
        }
        return new CategoryFeature(name, texts);
    }

    private static void checkColumns(String name, Tensor t, long count) {
        if (columns(t) != count) {
            throw new InvalidInputException(
                    "input '" + name + "'", t.type().toString(), count + " columns, as in the first sample", null);
        }
    }

    private static double[] means(List<Tensor> values) {
        return values.stream()
                .flatMapToDouble(t -> LongStream.range(0, t.dim(0)).mapToDouble(row -> meanOfRow(t, row)))
                .toArray();
    }

    private static double meanOfRow(Tensor t, long row) {
        long count = columns(t);
        double sum = 0;
        for (long c = 0; c < count; c++) {
            sum += t.getDouble(row * count + c);
        }
        return sum / count;
    }

    private void addScore(String output, double[] range) {
        double width = (range[1] - range[0]) * (1 + 2 * MARGIN);
        double low = range[0] - (range[1] - range[0]) * MARGIN;
        double delta = settings.falseAlarms / settings.window;
        scores.put(output, new Score(new AdaptiveWindow(delta), low, width));
    }

    /**
     * Takes the inputs of a call into account.
     *
     * @param inputs all inputs of the reference, one row or more
     * @throws InvalidInputException if an input is missing, or has other columns or another kind of elements
     */
    public void accept(Map<String, ? extends Datum> inputs) {
        accept(inputs, Map.of());
    }

    /**
     * Takes a call into account.
     *
     * @param inputs all inputs of the reference, one row or more
     * @param outputs the outputs of the call; those that are no watched scores do not matter
     * @throws InvalidInputException if an input is missing, or has other columns or another kind of elements, or if a watched
     *     score is no number
     */
    public void accept(Map<String, ? extends Datum> inputs, Map<String, ? extends Datum> outputs) {
        List<DriftAlarm> found = new ArrayList<>();
        lock.lock();
        try {
            long count = check(inputs);
            scores.keySet().forEach(name -> checkScore(name, outputs.get(name)));
            for (long row = 0; row < count; row++) {
                addRow(inputs, row, found);
            }
            scores.forEach((name, score) -> addScores(name, score, outputs.get(name), found));
        } finally {
            lock.unlock();
        }
        for (DriftAlarm alarm : found) {
            listeners.tell(l -> l.onDrift(alarm));
            Recorder.drift(alarm.monitor(), alarm.value(), alarm.test().name(), alarm.statistic(), alarm.limit());
        }
    }

    private long check(Map<String, ? extends Datum> inputs) {
        long count = -1;
        for (Map.Entry<String, List<Feature>> e : features.entrySet()) {
            Tensor t = tensor(inputs, e.getKey());
            Form form = forms.get(e.getKey());
            checkKind(e.getKey(), t, form.type());
            if (form.columns() != ANY && t.dim(0) > 0) {
                checkColumns(e.getKey(), t, form.columns());
            }
            if (count >= 0 && count != t.dim(0)) {
                throw new InvalidInputException(
                        "input '" + e.getKey() + "'", t.dim(0) + " rows", count + " rows as the others", null);
            }
            count = t.dim(0);
        }
        return count;
    }

    /** Checks that an input has the kind of elements that its reference has: floats, strings, or integers and booleans. */
    private static void checkKind(String name, Tensor t, DType type) {
        boolean same =
                t.dtype().isFloating() == type.isFloating() && (t.dtype() == DType.STRING) == (type == DType.STRING);
        if (!same) {
            throw new InvalidInputException(
                    "input '" + name + "'", t.type().toString(), "elements like " + type.text(), "convert it");
        }
    }

    private static void checkScore(String name, Datum output) {
        if (output instanceof Tensor t
                && (t.dtype() == DType.STRING || t.dtype().isComplex())) {
            throw new InvalidInputException("output '" + name + "'", t.type().toString(), "numbers", null);
        }
    }

    private void addRow(Map<String, ? extends Datum> inputs, long row, List<DriftAlarm> found) {
        for (Map.Entry<String, List<Feature>> e : features.entrySet()) {
            Tensor t = (Tensor) inputs.get(e.getKey());
            List<Feature> columns = e.getValue();
            for (int c = 0; c < columns.size(); c++) {
                columns.get(c).add(t, columns.size() == 1 ? row : row * columns.size() + c);
            }
        }
        rows++;
        inWindow++;
        if (inWindow == settings.window) {
            inWindow = 0;
            features.values()
                    .forEach(columns -> columns.forEach(f -> f.close(limits).forEach(d -> keep(d, found))));
        }
    }

    private void addScores(String name, Score score, Datum output, List<DriftAlarm> found) {
        if (!(output instanceof Tensor t) || t.size() == 0) {
            return;
        }
        long count = t.rank() == 0 ? 1 : t.dim(0);
        for (long row = 0; row < count; row++) {
            double x = t.getDouble(row * (t.size() / count));
            if (!Double.isNaN(x) && score.window().add((x - score.low()) / score.width())) {
                keep(
                        new Difference(
                                name,
                                DriftAlarm.Test.ADWIN,
                                score.window().difference() * score.width(),
                                score.window().limit() * score.width()),
                        found);
            }
        }
    }

    private void keep(Difference d, List<DriftAlarm> found) {
        DriftAlarm alarm = new DriftAlarm(settings.name, d.value(), d.test(), d.statistic(), d.limit(), rows);
        found.add(alarm);
        if (alarms.size() == KEPT_ALARMS) {
            alarms.removeFirst();
        }
        alarms.add(alarm);
    }

    /** {@return the last alarms, at most 100, the oldest first} */
    public List<DriftAlarm> alarms() {
        lock.lock();
        try {
            return List.copyOf(alarms);
        } finally {
            lock.unlock();
        }
    }

    /** {@return how many rows were taken into account} */
    public long rows() {
        lock.lock();
        try {
            return rows;
        } finally {
            lock.unlock();
        }
    }

    /** {@return how many exceptions listeners have thrown} */
    public long listenerFailures() {
        return listeners.failures();
    }
}
