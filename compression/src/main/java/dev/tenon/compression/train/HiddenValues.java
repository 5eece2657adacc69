package dev.tenon.compression.train;

import dev.tenon.compression.CompressionException;
import dev.tenon.compression.edit.FreeNames;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Random;

/**
 * Values inside of networks that terms of a loss compare. A network gets an output for each; where it is narrower or wider than that of
 * the teacher, a product with a matrix makes it as wide, which is trained, too, and is no part of the result (A. Romero et al., FitNets:
 * Hints for Thin Deep Nets, 2015).
 */
final class HiddenValues {
    private static final String OWN = "tenon/hidden/";

    private HiddenValues() {}

    /** The name of the output of the network to train that is compared with a value of the teacher. */
    static String own(String value) {
        return OWN + value;
    }

    /** The name of the input that has a value of the teacher. */
    static String taught(String value) {
        return LossGraph.TEACHER + "/" + value;
    }

    static boolean isOwn(String output) {
        return output.startsWith(OWN);
    }

    static boolean isTaught(String input) {
        return input.startsWith(LossGraph.TEACHER + "/");
    }

    /** The values of the teacher that terms compare, each once. */
    static List<String> of(TrainingOptions options) {
        return options.terms().stream()
                .map(LossTerm::value)
                .filter(value -> !value.isEmpty())
                .distinct()
                .toList();
    }

    /**
     * A network with an output for each hidden value.
     *
     * @param network the network to train
     * @param teacher the network that has the values by their names
     * @param task has the names of values in the network to train, and the options
     * @throws CompressionException if one of them has no value of a name, or it is no float32
     */
    static Graph exposed(Graph network, Graph teacher, Trainer.Task task) {
        GraphEditor editor = new GraphEditor(network);
        FreeNames free = new FreeNames(editor.index());
        Random random = new Random(task.options().seed());
        for (String name : of(task.options())) {
            Value taught = find(teacher, name, "teacher");
            Value own = find(network, task.names().getOrDefault(name, name), "network to train");
            ValueRef output = own;
            long width = width(own);
            long wanted = width(taught);
            boolean isProjected = width > 0 && wanted > 0 && width != wanted && isHidden(task.options(), name);
            if (isProjected) {
                output = editor.add(
                        new MatMul(),
                        own,
                        editor.constant(free.of("tenon/projection/" + name), matrix(random, width, wanted)));
            }
            editor.addOutput(own(name), output);
        }
        return editor.build();
    }

    private static boolean isHidden(TrainingOptions options, String value) {
        return options.terms().stream()
                .anyMatch(t -> t.kind() == LossTerm.Kind.HIDDEN && t.value().equals(value));
    }

    /** The elements of the vectors along the last axis; 0 if they are not known. */
    private static long width(Value value) {
        if (!value.tensorType().shape().hasRank() || value.tensorType().shape().rank() == 0) {
            return 0;
        }
        Dim last = value.tensorType().shape().dim(value.tensorType().shape().rank() - 1);
        return last.isKnown() ? last.value() : 0;
    }

    private static Tensor matrix(Random random, long rows, long columns) {
        float[] values = new float[Math.toIntExact(rows * columns)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() / Math.sqrt(rows));
        }
        return Tensor.of(values, rows, columns);
    }

    private static Value find(Graph graph, String name, String where) {
        Value value = new GraphIndex(graph).findValue(name).orElse(null);
        if (value == null || value.tensorType() == null || value.tensorType().dtype() != DType.FLOAT32) {
            throw new CompressionException(
                    "value '" + name + "' of the " + where,
                    value == null ? "none of this name" : value.type().text(),
                    "a float32 tensor that a node computes",
                    where.equals("teacher")
                            ? "name another value; the report of the graph has them"
                            : "tell its name there by Distill.map");
        }
        return value;
    }
}
