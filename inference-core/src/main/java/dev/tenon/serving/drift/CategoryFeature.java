package dev.tenon.serving.drift;

import dev.tenon.serving.DriftAlarm.Test;
import dev.tenon.statistics.PopulationStability;
import dev.tenon.statistics.RareEvents;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A column of categories: strings, or integers with few values. Tests of frequency, unseen ones, and empty strings. */
final class CategoryFeature implements Feature {
    /** The most frequent categories have a cell each; the others share one. */
    private static final int CELLS = 20;

    private final String name;
    /** The cell of each category of the reference. */
    private final Map<String, Integer> cells = new HashMap<>();

    private final long[] referenceCounts;
    private final long references;
    private final double emptyShare;
    private final int once;
    private final long[] window;
    private int size;
    private int empty;
    private int unseen;

    /**
     * A column.
     *
     * @param name its name in alarms
     * @param values the reference
     */
    CategoryFeature(String name, List<String> values) {
        this.name = name;
        Map<String, Integer> counts = new HashMap<>();
        values.forEach(v -> counts.merge(v, 1, Integer::sum));
        references = values.size();
        emptyShare = (double) counts.getOrDefault("", 0) / references;
        once = (int) counts.values().stream().filter(c -> c == 1).count();
        List<String> frequent = new ArrayList<>(counts.keySet());
        frequent.sort(Comparator.comparingInt((String v) -> -counts.get(v)).thenComparing(Comparator.naturalOrder()));
        referenceCounts = new long[Math.min(CELLS, frequent.size()) + 1];
        for (int i = 0; i < frequent.size(); i++) {
            int cell = Math.min(i, referenceCounts.length - 1);
            cells.put(frequent.get(i), cell);
            referenceCounts[cell] += counts.get(frequent.get(i));
        }
        window = new long[referenceCounts.length];
    }

    /**
     * A category as text.
     *
     * @param t a tensor of strings, integers or booleans
     * @param index the index of the element
     * @return the text
     */
    static String text(Tensor t, long index) {
        return t.dtype() == DType.STRING ? t.getString(index) : Long.toString(t.getLong(index));
    }

    @Override
    public void add(Tensor t, long index) {
        String value = text(t, index);
        size++;
        empty += value.isEmpty() ? 1 : 0;
        Integer cell = cells.get(value);
        if (cell == null) {
            unseen++;
        }
        window[cell == null ? window.length - 1 : cell]++;
    }

    @Override
    public List<Difference> close(Limits limits) {
        List<Difference> found = new ArrayList<>();
        if (size > 0) {
            double emptyLimit =
                    (RareEvents.limit(size, Math.max(emptyShare, 1.0 / references), limits.probability()) - 1.0) / size;
            add(found, Test.MISSING, (double) empty / size, Math.max(emptyShare + limits.missing(), emptyLimit));
            double mass = RareEvents.unseenMass(once, (int) references, limits.probability());
            add(found, Test.UNSEEN, unseen, RareEvents.limit(size, mass, limits.probability()) - 1.0);
            double highest = PopulationStability.limit(references, size, window.length, limits.probability());
            double index = PopulationStability.index(referenceCounts, window);
            add(found, Test.PSI, index, Math.max(limits.psi(), highest));
        }
        size = 0;
        empty = 0;
        unseen = 0;
        Arrays.fill(window, 0);
        return found;
    }

    private void add(List<Difference> found, Test test, double statistic, double limit) {
        if (statistic > limit) {
            found.add(new Difference(name, test, statistic, limit));
        }
    }
}
