package dev.tenon.compression.compare;

import dev.tenon.compression.Score;
import dev.tenon.compression.metric.Verdict;
import dev.tenon.formats.json.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a model does beside another.
 *
 * @param scores a score for each metric: {@code before} is that of the first model, {@code after} that of the second
 * @param floor the loss that is allowed, in units of each metric; NaN if none was given
 * @param seed the seed of the bootstrap
 */
public record ComparisonReport(List<Score> scores, double floor, long seed) {
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
        return score.verdict(floor);
    }

    /** {@return whether the loss of every metric is within the floor with its margin; true without a floor} */
    public boolean isFloorMet() {
        return Double.isNaN(floor) || scores.stream().allMatch(score -> score.isWithin(floor));
    }

    /**
     * The report as JSON, without line breaks, in units of the metrics. What is no number is null.
     *
     * <pre>{@code
     * {"floor", "floor_met", "seed", "metrics": [{"name", "before", "after", "samples", "disagreements", "kl", "sqnr_db",
     *  "loss": {"value", "low", "high", "margin", "confidence", "demanded"}, "verdict"}]}
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
            metrics.add(score.toJsonMembers(floor));
        }
        all.put("metrics", metrics);
        return JsonText.of(all);
    }
}
