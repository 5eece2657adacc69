package dev.tenon.differential;

import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Einstein sums by their definition: a loop over all values of the letters. */
final class EinsumDefinition {
    private static final String SPREAD = "...";

    private EinsumDefinition() {}

    static void add(
            Map<String, StandardDefinitions.Computation> all, Map<String, StandardDefinitions.Magnitude> magnitudes) {
        all.put("Einsum", s -> List.of(sum(s, false)));
        magnitudes.put("Einsum", s -> s.operand(0).dtype().isFloating() ? sum(s, true) : null);
    }

    /** A name for each axis: a letter, or the index of an ellipsis dimension counted from the last one. */
    private static List<String> axes(String term, int spread) {
        List<String> axes = new ArrayList<>();
        for (int i = 0; i < term.length(); i++) {
            if (term.startsWith(SPREAD, i)) {
                for (int k = spread; k > 0; k--) {
                    axes.add("." + k);
                }
                i += SPREAD.length() - 1;
            } else {
                axes.add(term.substring(i, i + 1));
            }
        }
        return axes;
    }

    private static Tensor sum(OperatorModel s, boolean absolute) {
        String[] sides = ((String) s.attribute("equation")).replace(" ", "").split("->", -1);
        String[] terms = sides[0].split(",", -1);
        List<List<String>> operands = new ArrayList<>();
        Map<String, Long> sizes = new LinkedHashMap<>();
        int spread = 0;
        for (int i = 0; i < terms.length; i++) {
            Tensor t = s.operand(i);
            int own = terms[i].contains(SPREAD)
                    ? t.rank() - terms[i].replace(SPREAD, "").length()
                    : 0;
            spread = Math.max(spread, own);
            List<String> axes = axes(terms[i], own);
            operands.add(axes);
            for (int a = 0; a < axes.size(); a++) {
                long n = t.dim(a);
                sizes.merge(axes.get(a), n, (x, y) -> x == 1 ? y : x);
            }
        }
        List<String> result = axes(sides.length > 1 ? sides[1] : implicit(sides[0]), spread);
        result.forEach(a -> sizes.putIfAbsent(a, 1L));
        long[] dims = result.stream().mapToLong(sizes::get).toArray();
        Tensor y = Tensor.allocate(s.operand(0).dtype(), dims);
        double[] reals = new double[(int) y.size()];
        long[] wholes = new long[reals.length];
        long all = sizes.values().stream().reduce(1L, (a, b) -> a * b);
        for (long i = 0; i < all; i++) {
            Map<String, Long> at = new LinkedHashMap<>();
            long rest = i;
            for (Map.Entry<String, Long> e : sizes.entrySet()) {
                at.put(e.getKey(), rest % e.getValue());
                rest /= e.getValue();
            }
            double real = 1;
            long whole = 1;
            for (int k = 0; k < terms.length; k++) {
                Tensor t = s.operand(k);
                int from = place(operands.get(k), at, t.dims());
                double v = t.getDouble(from);
                real *= absolute ? Math.abs(v) : v;
                whole *= t.dtype().isFloating() ? 0 : t.getLong(from);
            }
            int to = place(result, at, dims);
            reals[to] += real;
            wholes[to] += whole;
        }
        for (int i = 0; i < reals.length; i++) {
            if (y.dtype().isFloating()) {
                y.setDouble(i, reals[i]);
            } else {
                y.setLong(i, wholes[i]);
            }
        }
        return y;
    }

    private static int place(List<String> axes, Map<String, Long> at, long[] dims) {
        long place = 0;
        for (int a = 0; a < dims.length; a++) {
            place = place * dims[a] + (dims[a] == 1 ? 0 : at.get(axes.get(a)));
        }
        return (int) place;
    }

    /** The ellipsis dimensions, then the letters that occur once in alphabetical order. */
    private static String implicit(String operands) {
        Map<Character, Integer> counts = new TreeMap<>();
        for (char c : operands.replace(SPREAD, "").replace(",", "").toCharArray()) {
            counts.merge(c, 1, Integer::sum);
        }
        StringBuilder result = new StringBuilder(operands.contains(SPREAD) ? SPREAD : "");
        counts.forEach((c, n) -> result.append(n == 1 ? String.valueOf(c) : ""));
        return result.toString();
    }
}
