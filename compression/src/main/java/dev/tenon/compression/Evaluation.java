package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.ValueInfo;
import dev.tenon.compression.metric.Changes;
import dev.tenon.compression.metric.Confidence;
import dev.tenon.formats.ModelBytes;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;

/**
 * Judges models on samples against a model before compression. Both run on the same calls, one after the other. If the judged
 * output of all calls takes little memory, the first evaluation keeps it, and the model before compression runs only once.
 * Confined to one thread.
 */
public final class Evaluation {
    private static final String MASK = "attention_mask";

    private final Model before;
    private final Samples.Calls samples;
    private final Metric metric;
    private final Confidence confidence;
    private final String output;

    /**
     * Checks labels against the output of a call.
     *
     * @param metric the name of the metric
     * @param labels the labels of all samples
     * @param rows an output with a row for each sample
     */
    private record LabelCheck(String metric, Tensor labels, Tensor rows) {
        void check(Metric.Labels meaning) {
            long samples = Math.max(1, rows.rank() < 2 ? 1 : rows.dim(0));
            long elements = rows.size() / samples;
            long width = rows.rank() == 0 ? 1 : rows.dim(rows.rank() - 1);
            long ofSample = labels.dim(0) == 0 ? 0 : labels.size() / labels.dim(0);
            long wanted =
                    switch (meaning) {
                        case CLASSES, ANY -> ofSample;
                        case ELEMENTS -> elements;
                        case TOKENS -> width == 0 ? 0 : elements / width;
                    };
            if (ofSample != wanted) {
                throw new CompressionException(
                        "labels for metric " + metric,
                        ofSample + " for each sample",
                        wanted + " for each sample, as the output "
                                + rows.type().text() + " has",
                        null);
            }
            switch (meaning) {
                case CLASSES -> checkClasses(elements == 1 && !metric.equals("top1") ? 2 : width, false);
                case TOKENS -> checkClasses(width, true);
                case ELEMENTS, ANY -> {
                    // Any number is a label.
                }
            }
        }

        private void checkClasses(long classes, boolean mayBeNone) {
            for (long i = 0; i < labels.size(); i++) {
                long label = labels.getLong(i);
                if (label >= classes || label < 0 && !mayBeNone) {
                    throw new CompressionException(
                            "label " + i, "class " + label, "classes from 0 to " + (classes - 1), null);
                }
            }
        }
    }

    /**
     * The names by which another model knows the inputs and the judged output. Where it has others, the order tells.
     *
     * @param inputs the name of each input of the model before
     * @param output the name of the output
     */
    private record Names(Map<String, String> inputs, String output) {
        static Names of(Model before, Model after, String output) {
            List<String> all = names(before.inputs());
            Map<String, String> inputs = matched("inputs", all, all, names(after.inputs()));
            Map<String, String> outputs =
                    matched("outputs", names(before.outputs()), List.of(output), names(after.outputs()));
            return new Names(inputs, outputs.get(output));
        }

        private static List<String> names(List<ValueInfo> values) {
            return values.stream().map(ValueInfo::name).toList();
        }

        private static Map<String, String> matched(
                String thing, List<String> names, List<String> wanted, List<String> found) {
            boolean areNames = found.containsAll(wanted);
            if (!areNames && names.size() != found.size()) {
                throw new CompressionException(
                        thing + " of the model to judge",
                        String.join(", ", found),
                        String.join(", ", wanted) + ", or as many in this order",
                        null);
            }
            Map<String, String> matched = new HashMap<>();
            for (String name : wanted) {
                matched.put(name, areNames ? name : found.get(names.indexOf(name)));
            }
            return matched;
        }

        Map<String, Tensor> renamed(Map<String, Tensor> call) {
            Map<String, Tensor> renamed = new LinkedHashMap<>();
            call.forEach((name, value) -> renamed.put(inputs.getOrDefault(name, name), value));
            return renamed;
        }
    }

    /** The results of the model before compression, call by call; null before the first evaluation, or if they are too large. */
    private List<Expected> expected;

    /**
     * The result of the model before compression for a call.
     *
     * @param output the judged output
     * @param value the value of a metric that is a function, otherwise 0
     */
    private record Expected(Tensor output, double value) {}

    /** Collects results as long as they are small. */
    private static final class Kept {
        /** The most bytes of all results. */
        private static final long MOST_BYTES = 4L << 20;

        /** About the bytes of the objects of a result. */
        private static final long OBJECT_BYTES = 256;

        private List<Expected> results = new ArrayList<>();
        private long bytes;

        void add(Expected result) {
            bytes += result.output().byteSize() + OBJECT_BYTES;
            if (bytes > MOST_BYTES) {
                results = null;
            }
            if (results != null) {
                results.add(result);
            }
        }
    }

    /**
     * An evaluation whose scores have margins of 95 %.
     *
     * @param before the model before compression
     * @param samples the samples
     * @param metric the metric
     * @throws CompressionException as the other constructor
     */
    public Evaluation(Model before, Samples samples, Metric metric) {
        this(before, samples, metric, Confidence.standard());
    }

    /**
     * An evaluation.
     *
     * @param before the model before compression
     * @param samples the samples
     * @param metric the metric
     * @param confidence makes the margins
     * @throws CompressionException if the samples do not fit the model, the model has no such output, or the number of
     *     labels is not that of the samples
     */
    public Evaluation(Model before, Samples samples, Metric metric, Confidence confidence) {
        this.before = before;
        this.samples = samples.bind(before.inputs());
        this.metric = metric;
        this.confidence = confidence;
        this.output = output(before, metric);
        Tensor labels = metric.labelsOrNull();
        if (labels != null && this.samples.isShuffled()) {
            throw new CompressionException(
                    "samples for metric " + metric.name(),
                    "shuffled samples",
                    "samples in the order of the labels",
                    "shuffle those for calibration only");
        }
        if (labels != null && labels.dim(0) != this.samples.samples()) {
            throw new CompressionException(
                    "labels",
                    labels.dim(0) + " for " + this.samples.samples() + " samples",
                    "one for each sample",
                    null);
        }
    }

    private static boolean isFloat(ValueInfo value) {
        return value.type() instanceof TensorType t && t.dtype().isFloating();
    }

    private static String output(Model model, Metric metric) {
        List<String> floats = model.outputs().stream()
                .filter(Evaluation::isFloat)
                .map(ValueInfo::name)
                .toList();
        String wanted = metric.output().orElse(floats.isEmpty() ? null : floats.getFirst());
        if (wanted == null || !floats.contains(wanted)) {
            throw new CompressionException(
                    "metric " + metric.name(),
                    wanted == null
                            ? "no output of floating-point numbers"
                            : "no output '" + wanted + "' of such numbers",
                    floats.isEmpty() ? "models with such an output" : String.join(", ", floats),
                    null);
        }
        return wanted;
    }

    /** {@return the name of the output that is judged} */
    public String output() {
        return output;
    }

    /** {@return the metric} */
    public Metric metric() {
        return metric;
    }

    /** {@return what makes the margins} */
    public Confidence confidence() {
        return confidence;
    }

    /** {@return the samples, as calls} */
    public Samples.Calls samples() {
        return samples;
    }

    /**
     * Runs the model before compression on the first call, and checks that there are samples, that the output has a row for each
     * label, and that labels fit rows.
     *
     * @throws CompressionException if not
     */
    public void check() {
        Samples.Call call = samples.first()
                .orElseThrow(() -> new CompressionException("samples to judge on", "none", "at least one", null));
        Tensor t = before.session().predict(call.inputs()).tensor(output);
        Tensor labels = metric.labelsOrNull();
        if (labels == null) {
            return;
        }
        Tensor ofCall = rows(t, call.samples());
        long rows = ofCall.rank() < 2 ? 1 : ofCall.dim(0);
        if (rows != call.samples()) {
            throw new CompressionException(
                    "output '" + output + "'",
                    t.type().text() + " for " + call.samples() + " samples with labels",
                    "a row for each sample",
                    "choose another output, or save the samples as rows of an array");
        }
        new LabelCheck(metric.name(), labels, ofCall).check(metric.meaning());
    }

    /**
     * Judges a model.
     *
     * @param after the compressed model
     * @return how well it does
     * @throws CompressionException if the models give outputs of different shapes
     */
    public Score score(Model after) {
        return score(after, share -> {});
    }

    /**
     * Judges a model, and tells how far it is.
     *
     * @param after the compressed model
     * @param progress receives the share of the samples that is judged, in (0, 1], after each call; it may end the work with
     *     an exception
     * @return how well it does
     * @throws CompressionException if the models give outputs of different shapes
     */
    public Score score(Model after, DoubleConsumer progress) {
        return judge(after, progress).score();
    }

    /**
     * The judgement of a model.
     *
     * @param score how well it does
     * @param changes the samples and classes that changed most
     */
    public record Judgement(Score score, Changes changes) {}

    /**
     * Judges a model as {@link #score(Model, DoubleConsumer)} does, and tells which samples and classes changed.
     *
     * @param after the compressed model
     * @param progress receives the share of the samples that is judged, in (0, 1], after each call
     * @return the judgement
     * @throws CompressionException if the models give outputs of different shapes
     */
    public Judgement judge(Model after, DoubleConsumer progress) {
        return ModelBytes.guarded("metric " + metric.name(), () -> judged(after, progress));
    }

    private Judgement judged(Model after, DoubleConsumer progress) {
        Session session = after.session();
        Names names = Names.of(before, after, output);
        Tally tally = new Tally(metric, confidence);
        Kept kept = new Kept();
        long[] done = {0, 0};
        samples.forEach(call -> {
            Expected known = expected == null ? expected(call) : expected.get((int) done[1]);
            kept.add(known);
            Outputs found = session.predict(names.renamed(call.inputs()));
            Tensor e = known.output();
            Tensor f = found.tensor(names.output());
            if (!f.shapeIs(e.dims())) {
                throw new CompressionException(
                        "output '" + names.output() + "' of the compressed model",
                        f.type().text(),
                        e.type().text(),
                        null);
            }
            tally.add(rows(e, call.samples()), rows(f, call.samples()), mask(call.inputs(), e));
            if (metric.kind() == Metric.Kind.DATASET) {
                tally.keep(rows(e, call.samples()), rows(f, call.samples()), call.samples());
            }
            if (metric.kind() == Metric.Kind.FUNCTION) {
                tally.add(known.value(), metric.apply(found), call.samples());
            }
            done[0] += call.samples();
            done[1]++;
            progress.accept(Math.min(1, (double) done[0] / Math.max(1, samples.samples())));
        });
        expected = kept.results;
        return new Judgement(tally.score(), tally.changes());
    }

    private Expected expected(Samples.Call call) {
        Outputs outputs = before.session().predict(call.inputs());
        return new Expected(outputs.tensor(output), metric.kind() == Metric.Kind.FUNCTION ? metric.apply(outputs) : 0);
    }

    /** An output with a row for each sample. A vector with a number for each sample becomes a column. */
    private static Tensor rows(Tensor output, long samples) {
        return output.rank() == 1 && output.dim(0) == samples ? output.reshape(samples, 1) : output;
    }

    /** The mask of the positions of an output, or null if it has none. */
    private static Tensor mask(Map<String, ? extends Datum> inputs, Tensor output) {
        return inputs.get(MASK) instanceof Tensor mask
                        && mask.rank() == 2
                        && output.rank() > 2
                        && output.dim(0) == mask.dim(0)
                        && output.dim(1) == mask.dim(1)
                ? mask
                : null;
    }
}
