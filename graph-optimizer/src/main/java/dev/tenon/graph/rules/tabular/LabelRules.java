package dev.tenon.graph.rules.tabular;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.op.Op;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.tabular.Labels;
import dev.tenon.op.tabular.LinearClassifier;
import dev.tenon.op.tabular.SVMClassifier;
import dev.tenon.op.tabular.TreeEnsembleClassifier;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;

/** Classifiers whose labels are strings as classifiers of numbers, which have kernels, and a choice among the strings. */
public final class LabelRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            rule(
                    "tree-labels",
                    TreeEnsembleClassifier.class,
                    TreeEnsembleClassifier::labels,
                    c -> c.labels().size() == 1 ? c.labels().binary() : c.labels(),
                    c -> c.withLabels(numbers(c.labels()))),
            rule(
                    "linear-labels",
                    LinearClassifier.class,
                    LinearClassifier::labels,
                    LinearClassifier::chosen,
                    c -> c.withLabels(numbers(c.labels()))),
            rule(
                    "svm-labels",
                    SVMClassifier.class,
                    SVMClassifier::labels,
                    SVMClassifier::labels,
                    c -> c.withLabels(numbers(c.labels()))));

    private LabelRules() {}

    private static Labels numbers(Labels labels) {
        return Labels.of(LongStream.range(0, labels.size()).toArray());
    }

    /**
     * The rule of a classifier.
     *
     * @param labels its labels
     * @param chosen the labels among which it chooses
     * @param numbered the classifier with numbers from 0 for labels
     */
    private static <O extends Op> Rule rule(
            String name,
            Class<O> type,
            Function<O, Labels> labels,
            Function<O, Labels> chosen,
            Function<O, Op> numbered) {
        return Rule.ofAll(name, op(type, any("x")), (m, to) -> {
                    O op = m.rootOp(type);
                    int outputs = m.root().outputs().size();
                    List<Value> all = new ArrayList<>(to.add(numbered.apply(op), List.of(m.value("x")), outputs));
                    all.set(0, named(to, chosen.apply(op), all.getFirst()));
                    return all;
                })
                .unless(m -> labels.apply(m.rootOp(type)).dtype() == DType.STRING ? null : "the labels are numbers");
    }

    private static Value named(Emitter to, Labels labels, Value index) {
        Tensor names = Tensor.of(labels.strings().toArray(String[]::new));
        return to.add(new Gather(0), to.constant(names), index);
    }
}
