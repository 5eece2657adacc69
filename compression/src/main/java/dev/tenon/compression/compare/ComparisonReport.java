package dev.tenon.compression.compare;

import dev.tenon.compression.Score;
import dev.tenon.formats.json.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How a model does beside another.
 *
 * @param scores a score for each metric: {@code before} is that of the first model, {@code after} that of the second
 * @param floor the loss that is allowed, in units of each metric; NaN if none was given
 * @param seed the seed of the bootstrap
 */
public record ComparisonReport(List<Score> scores, double floor, long seed) {
    /** The judgement of a metric. */
    public enum Verdict {
        /** The second model is better: the whole interval of its loss is below 0. */
        BETTER,
        /** The second model is worse: the whole interval is above 0. */
        WORSE,
        /** The samples show no difference: the interval has 0 in it, or there are too few samples for one. */
        NO_DIFFERENCE,
        /** The loss is allowed, with its margin. */
        WITHIN_FLOOR,
        /** The loss is not allowed: the whole interval is above the floor. */
        BEYOND_FLOOR,
        /** The floor is in the interval, or there is none: more samples would tell. */
        UNDECIDED;

        /** {@return the verdict in small letters and words} */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /** Copies the list. */
    public ComparisonReport {
        scores = List.copyOf(scores);
    }

    /**
     * The judgement of a metric.
     *
     * @param score one of the scores
     * @return whether its loss is within the floor, or without a floor which model is better
     */
    public Verdict verdict(Score score) {
        if (Double.isNaN(floor)) {
            return !score.interval().isDifference()
                    ? Verdict.NO_DIFFERENCE
                    : score.interval().low() > 0 ? Verdict.WORSE : Verdict.BETTER;
        }
        if (score.isWithin(floor)) {
            return Verdict.WITHIN_FLOOR;
        }
        return score.interval().low() > floor ? Verdict.BEYOND_FLOOR : Verdict.UNDECIDED;
    }

    /** {@return whether the loss of every metric is within the floor with its margin; true without a floor} */
    public boolean isFloorMet() {
        return Double.isNaN(floor) || scores.stream().allMatch(score -> score.isWithin(floor));
    }

    /**
     * The report as JSON, without line breaks. Accuracy and cosine are in points of 100, other metrics as they are; the floor is in
     * units of the metric. What is no number is null.
     *
     * <pre>{@code
     * {"floor", "floor_met", "seed", "metrics": [{"name", "before", "after", "samples", "disagreements", "kl",
     *  "loss": {"value", "low", "high", "confidence"}, "verdict"}]}
     * }</pre>
     *
     * @return the text
     */
    public String toJson() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("floor", Double.isNaN(floor) ? null : floor);
        all.put("floor_met", Double.isNaN(floor) ? null : isFloorMet());
        all.put("seed", seed);
        List<Object> metrics = new ArrayList<>();
        for (Score score : scores) {
            Map<String, Object> metric = new LinkedHashMap<>(score.toJsonMembers());
            metric.put("verdict", verdict(score).text());
            metrics.add(metric);
        }
        all.put("metrics", metrics);
        return JsonText.of(all);
    }
}
