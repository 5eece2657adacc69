package dev.tenon.compression;

import dev.tenon.Outputs;
import dev.tenon.compression.metric.Classes;
import dev.tenon.compression.metric.Predictions;
import dev.tenon.compression.metric.Ranks;
import dev.tenon.compression.metric.Sequences;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A measure of how good the outputs of a model are. Immutable.
 *
 * <p>Metrics that are means over samples or calls are summed up while a data set is read. Others ({@link #dataset} and those that
 * name it) see all results at once, so the judged outputs of all samples must fit in memory.
 *
 * <p>Accuracy and cosine are in [0, 1], where more is better. The mean squared error is at least 0, where less is better.
 */
public final class Metric {
    /** How a metric is computed. */
    enum Kind {
        TOP1("top1"),
        COSINE("cosine"),
        MSE("mse"),
        FUNCTION("function"),
        DATASET("dataset");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    private final Kind kind;
    private final String name;
    private final String output;
    private final Tensor labels;
    private final ToDoubleFunction<Outputs> function;
    private final OfDataSet ofDataSet;

    /**
     * A metric of a whole data set.
     *
     * @param function computes it
     * @param isMoreBetter whether a larger value is better
     * @param labels the meaning of labels
     * @param isMeanOfRights whether it is the mean of what it is for each sample, 0 or 1
     */
    private record OfDataSet(
            ToDoubleFunction<Predictions> function, boolean isMoreBetter, Labels labels, boolean isMeanOfRights) {}

    /** The meaning of labels. */
    enum Labels {
        /** A class for each sample. */
        CLASSES,
        /** A number for each element of the output of a sample. */
        ELEMENTS,
        /** A class for each vector of the output of a sample, or a negative number for none. */
        TOKENS,
        /** Anything for each sample. */
        ANY
    }

    private Metric(
            Kind kind,
            String name,
            String output,
            Tensor labels,
            ToDoubleFunction<Outputs> function,
            OfDataSet ofDataSet) {
        this.kind = kind;
        this.name = name;
        this.output = output;
        this.labels = labels;
        this.function = function;
        this.ofDataSet = ofDataSet;
    }

    private static Metric of(Kind kind, Tensor labels) {
        return new Metric(kind, kind.text, null, labels, null, null);
    }

    private static Metric of(String name, Tensor labels, Labels meaning, ToDoubleFunction<Predictions> function) {
        return new Metric(Kind.DATASET, name, null, labels, null, new OfDataSet(function, true, meaning, false));
    }

    private static Metric ofClasses(String name, Tensor labels, ToDoubleFunction<Predictions> function) {
        return of(name, checkedClasses(labels), Labels.CLASSES, function);
    }

    private static Tensor checkedClasses(Tensor labels) {
        if (labels.rank() != 1 || !labels.dtype().isInteger()) {
            throw new CompressionException("labels", labels.type().text(), "a vector of integers", null);
        }
        return labels;
    }

    private static int checkedBest(String metric, int k) {
        if (k < 1) {
            throw new InvalidOptionException(metric, "the " + k + " best", "1 or more", null);
        }
        return k;
    }

    /**
     * The share of samples whose class is right. The class is the index of the largest element along the last axis.
     *
     * @param labels the class of each sample, integers, in the order of the samples
     * @return the metric
     * @throws CompressionException if labels are no vector of integers
     */
    public static Metric accuracy(Tensor labels) {
        return of(Kind.TOP1, checkedClasses(labels));
    }

    /**
     * A metric of a whole data set, which sees the outputs, labels and indices of all samples at once.
     *
     * <pre>{@code
     * Metric recallOfThree = Metric.dataset("recall of 3", labels, all -> {
     *     int[] right = IntStream.range(0, all.size()).filter(i -> all.label(i) == 3).toArray();
     *     return Arrays.stream(right).filter(i -> all.predicted(i) == 3).count() / (double) right.length;
     * });
     * }</pre>
     *
     * @param name its name in reports
     * @param labels the labels, whose first axis has the samples; null for none
     * @param function computes the metric; more is better. The margin comes from a bootstrap, which calls it up to 2,000 times.
     *     It is NaN where the metric is not defined
     * @return the metric
     * @throws CompressionException if labels are a scalar
     */
    public static Metric dataset(String name, Tensor labels, ToDoubleFunction<Predictions> function) {
        if (labels != null && labels.rank() == 0) {
            throw new CompressionException("labels", labels.type().text(), "an axis of samples", null);
        }
        return of(name, labels, Labels.ANY, function);
    }

    /**
     * The same metric of a whole data set, but less is better.
     *
     * @return the metric
     * @throws InvalidOptionException if this is no metric of a whole data set
     */
    public Metric lessIsBetter() {
        if (kind != Kind.DATASET) {
            throw new InvalidOptionException("Metric.lessIsBetter", "metric " + name, "those of Metric.dataset", null);
        }
        OfDataSet less = new OfDataSet(ofDataSet.function(), false, ofDataSet.labels(), ofDataSet.isMeanOfRights());
        return new Metric(kind, name, output, labels, function, less);
    }

    /**
     * The share of samples whose class is among the k best.
     *
     * @param labels the class of each sample
     * @param k the number of best classes, at least 1
     * @return the metric {@code top<k>}
     */
    public static Metric topK(Tensor labels, int k) {
        checkedBest("Metric.topK", k);
        ToDoubleFunction<Predictions> function = all -> {
            long right = 0;
            for (int i = 0; i < all.size(); i++) {
                right += Classes.isInTop(all.label(i), all.output(i), k) ? 1 : 0;
            }
            return (double) right / all.size();
        };
        return new Metric(
                Kind.DATASET,
                "top" + k,
                null,
                checkedClasses(labels),
                null,
                new OfDataSet(function, true, Labels.CLASSES, true));
    }

    /**
     * The mean of the F1 of all classes: {@link Classes#macroF1}.
     *
     * @param labels the class of each sample
     * @return the metric {@code f1}
     */
    public static Metric macroF1(Tensor labels) {
        return ofClasses("f1", labels, all -> Classes.macroF1(all.classes(), all.predictedClasses()));
    }

    /**
     * The F1 of a class: {@link Classes#f1}.
     *
     * @param labels the class of each sample
     * @param ofClass the class
     * @return the metric {@code f1 of <class>}
     */
    public static Metric f1(Tensor labels, int ofClass) {
        return ofClasses("f1 of " + ofClass, labels, all -> {
            double[] each = Classes.f1(all.classes(), all.predictedClasses());
            return ofClass < 0 || ofClass >= each.length ? Double.NaN : each[ofClass];
        });
    }

    /**
     * The area under the ROC curve, of more than two classes the mean of each against the others: {@link Classes#auc}.
     *
     * @param labels the class of each sample
     * @return the metric {@code auc}
     */
    public static Metric auc(Tensor labels) {
        return ofClasses("auc", labels, all -> Classes.auc(all.classes(), all.outputs()));
    }

    /**
     * The mean negative logarithm of the probability of the right class, for outputs that are probabilities; less is better.
     * {@link #perplexity} takes logits.
     *
     * @param labels the class of each sample
     * @return the metric {@code log-loss}
     */
    public static Metric logLoss(Tensor labels) {
        return ofClasses("log-loss", labels, all -> {
                    double sum = 0;
                    for (int i = 0; i < all.size(); i++) {
                        sum += Classes.logLoss(all.label(i), all.output(i));
                    }
                    return sum / all.size();
                })
                .lessIsBetter();
    }

    /**
     * The perplexity of logits: {@link Sequences#perplexity}; less is better. Only a loss for each position is kept.
     *
     * @param labels the token of each position of each sample; a negative number for a position that does not count. A vector
     *     has one position a sample
     * @return the metric {@code perplexity}
     */
    public static Metric perplexity(Tensor labels) {
        if (labels.rank() == 0 || !labels.dtype().isInteger()) {
            throw new CompressionException("labels", labels.type().text(), "integers of [samples, positions]", null);
        }
        return of("perplexity", labels, Labels.TOKENS, Sequences::perplexityOfLosses)
                .lessIsBetter();
    }

    private static Metric ofElements(String name, Tensor labels, ToDoubleFunction<Predictions> function) {
        if (labels.rank() == 0) {
            throw new CompressionException("labels", labels.type().text(), "an axis of samples", null);
        }
        return of(name, labels, Labels.ELEMENTS, function);
    }

    /**
     * The mean average precision of classes of which a sample may have several: {@link Ranks#meanAveragePrecision}.
     *
     * @param relevance 1 for each class that a sample has, [samples, classes]
     * @return the metric {@code map}
     */
    public static Metric meanAveragePrecision(Tensor relevance) {
        return ofElements("map", relevance, all -> Ranks.meanAveragePrecision(all.labels(), all.outputs()));
    }

    /** The mean over samples for which a function is a number. */
    private static double mean(Predictions all, IntToDoubleFunction each) {
        return IntStream.range(0, all.size())
                .mapToDouble(each)
                .filter(x -> !Double.isNaN(x))
                .average()
                .orElse(Double.NaN);
    }

    /**
     * The mean share of what is relevant among the k best: {@link Ranks#recallAt}. Samples for which nothing is relevant do not
     * count.
     *
     * @param relevance 0 for what is not relevant, [samples, items]
     * @param k the number of best items, at least 1
     * @return the metric {@code recall@<k>}
     */
    public static Metric recallAt(Tensor relevance, int k) {
        checkedBest("Metric.recallAt", k);
        return ofElements(
                "recall@" + k, relevance, all -> mean(all, i -> Ranks.recallAt(all.labels(i), all.output(i), k)));
    }

    /**
     * The mean normalised discounted cumulative gain of the k best: {@link Ranks#ndcg}.
     *
     * @param relevance the gain of each item, [samples, items]
     * @param k the number of best items, at least 1
     * @return the metric {@code ndcg@<k>}
     */
    public static Metric ndcg(Tensor relevance, int k) {
        checkedBest("Metric.ndcg", k);
        return ofElements("ndcg@" + k, relevance, all -> mean(all, i -> Ranks.ndcg(all.labels(i), all.output(i), k)));
    }

    /**
     * The correlation of ranks of the outputs with numbers that they should be like: {@link Ranks#spearman}.
     *
     * @param targets a number for each element of the outputs
     * @return the metric {@code spearman}
     */
    public static Metric spearman(Tensor targets) {
        return ofElements(
                "spearman",
                targets,
                all -> Ranks.spearman(
                        Arrays.stream(all.labels())
                                .flatMapToDouble(Arrays::stream)
                                .toArray(),
                        Arrays.stream(all.outputs())
                                .flatMapToDouble(Arrays::stream)
                                .toArray()));
    }

    /**
     * The word error rate: {@link Sequences#wordErrorRate}; less is better.
     *
     * @param references the text of each sample
     * @param decoder makes a text from the output of a sample
     * @return the metric {@code wer}
     */
    public static Metric wordErrorRate(List<String> references, Function<double[], String> decoder) {
        List<String> texts = List.copyOf(references);
        return of(
                        "wer",
                        Tensor.of(texts.toArray(String[]::new)),
                        Labels.ANY,
                        all -> Sequences.wordErrorRate(
                                IntStream.range(0, all.size())
                                        .mapToObj(i -> texts.get(all.index(i)))
                                        .toList(),
                                Arrays.stream(all.outputs()).map(decoder).toList()))
                .lessIsBetter();
    }

    /**
     * The mean cosine between the output and that of the model before compression, sample by sample. Where an input
     * {@code attention_mask} is 0, positions of an output [batch, positions, ...] are left out.
     *
     * @return the metric; the model before compression has 1
     */
    public static Metric cosine() {
        return of(Kind.COSINE, null);
    }

    /**
     * The mean squared difference from the output of the model before compression.
     *
     * @return the metric; the model before compression has 0
     */
    public static Metric meanSquaredError() {
        return of(Kind.MSE, null);
    }

    /**
     * The mean of a function of the outputs of each call.
     *
     * @param name its name in reports
     * @param function the function; more is better
     * @return the metric
     */
    public static Metric of(String name, ToDoubleFunction<Outputs> function) {
        return new Metric(Kind.FUNCTION, name, null, null, function, null);
    }

    /**
     * The same metric of another output.
     *
     * @param name the name of an output of floating-point numbers; the default is the first one
     * @return the metric
     */
    public Metric output(String name) {
        return new Metric(kind, this.name, name, labels, function, ofDataSet);
    }

    /** {@return the name in reports: {@code top1}, {@code cosine}, {@code mse}, or that which it was made with} */
    public String name() {
        return name;
    }

    /** {@return the output that is judged, if one was chosen} */
    public Optional<String> output() {
        return Optional.ofNullable(output);
    }

    /** {@return whether a larger value is better} */
    public boolean isMoreBetter() {
        return ofDataSet == null ? kind != Kind.MSE : ofDataSet.isMoreBetter();
    }

    Kind kind() {
        return kind;
    }

    /** {@return the labels, if the metric has any} */
    public Optional<Tensor> labels() {
        return Optional.ofNullable(labels);
    }

    /** The labels; null if the metric has none. */
    Tensor labelsOrNull() {
        return labels;
    }

    /** The value for the outputs of a call, for a metric that is a function. */
    double apply(Map<String, ?> outputs) {
        return function.applyAsDouble((Outputs) outputs);
    }

    /** The value for the results of a whole data set. */
    double apply(Predictions results) {
        return ofDataSet.function().applyAsDouble(results);
    }

    /** Whether a metric of a data set is the mean of 0 or 1 for each sample. */
    boolean isMeanOfRights() {
        return ofDataSet.isMeanOfRights();
    }

    /** The meaning of the labels. */
    Labels meaning() {
        return ofDataSet == null ? Labels.CLASSES : ofDataSet.labels();
    }
}
