package dev.tenon.op.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An equation of {@link Einsum}, such as {@code bij,bjk->bik}. A term lists the labels of the dimensions of an operand;
 * an ellipsis stands for any number of dimensions.
 */
final class EinsumEquation {
    /** The label of the ellipsis in a term. */
    static final int ELLIPSIS = '.';

    private final List<int[]> inputs;
    private final int[] output;

    private EinsumEquation(List<int[]> inputs, int[] output) {
        this.inputs = inputs;
        this.output = output;
    }

    /** The equation, or null if the text is not one. */
    static EinsumEquation parse(String text) {
        String compact = text.replace(" ", "");
        int arrow = compact.indexOf("->");
        String left = arrow < 0 ? compact : compact.substring(0, arrow);
        List<int[]> inputs = new ArrayList<>();
        for (String term : left.split(",", -1)) {
            inputs.add(term(term));
        }
        if (inputs.contains(null)) {
            return null;
        }
        int[] output = arrow < 0 ? implicit(inputs) : term(compact.substring(arrow + 2));
        return output == null || !isOutput(output, inputs) ? null : new EinsumEquation(inputs, output);
    }

    private static int[] term(String text) {
        int dots = text.indexOf("...");
        String labels = dots < 0 ? text : text.substring(0, dots) + (char) ELLIPSIS + text.substring(dots + 3);
        int[] term = labels.chars().toArray();
        for (int i = 0; i < term.length; i++) {
            boolean letter = term[i] >= 'a' && term[i] <= 'z' || term[i] >= 'A' && term[i] <= 'Z';
            if (!letter && (term[i] != ELLIPSIS || i != dots)) {
                return null;
            }
        }
        return term;
    }

    /** The ellipsis, then every label that occurs once, in the order of letters. */
    private static int[] implicit(List<int[]> inputs) {
        Map<Integer, Integer> counts = new TreeMap<>();
        inputs.forEach(term -> Arrays.stream(term).forEach(label -> counts.merge(label, 1, Integer::sum)));
        List<Integer> output = new ArrayList<>();
        counts.forEach((label, count) -> {
            if (label == ELLIPSIS) {
                output.addFirst(label);
            } else if (count == 1) {
                output.add(label);
            }
        });
        return output.stream().mapToInt(Integer::intValue).toArray();
    }

    private static boolean isOutput(int[] output, List<int[]> inputs) {
        boolean distinct = Arrays.stream(output).distinct().count() == output.length;
        return distinct
                && Arrays.stream(output)
                        .allMatch(label -> label == ELLIPSIS
                                || inputs.stream()
                                        .anyMatch(term -> Arrays.stream(term).anyMatch(l -> l == label)));
    }

    int operands() {
        return inputs.size();
    }

    /** How many dimensions the ellipsis of an operand stands for; negative if the rank does not fit the term. */
    int ellipsis(int operand, int rank) {
        int[] term = inputs.get(operand);
        boolean open = Arrays.stream(term).anyMatch(l -> l == ELLIPSIS);
        int named = term.length - (open ? 1 : 0);
        return open ? rank - named : rank == named ? 0 : -1;
    }

    /** The label of each dimension of an operand: a letter, or -1 and below, from the right, within the ellipsis. */
    int[] labels(int operand, int rank) {
        return expand(inputs.get(operand), ellipsis(operand, rank));
    }

    /** The label of each dimension of the output. */
    int[] outputLabels(int ellipsis) {
        return expand(output, ellipsis);
    }

    private static int[] expand(int[] term, int ellipsis) {
        List<Integer> labels = new ArrayList<>();
        for (int label : term) {
            if (label != ELLIPSIS) {
                labels.add(label);
                continue;
            }
            for (int i = ellipsis; i >= 1; i--) {
                labels.add(-i);
            }
        }
        return labels.stream().mapToInt(Integer::intValue).toArray();
    }
}
