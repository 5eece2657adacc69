package dev.tenon.formats.xgboost;

import dev.tenon.formats.trees.Link;
import dev.tenon.formats.trees.Link.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An objective: how predictions follow from margins, and margins from the base score, which files hold as a prediction.
 *
 * @param link makes predictions of margins
 * @param base makes a margin of a base score
 */
record XgboostObjective(Link link, Base base) {
    /** The forms of a base score's margin. */
    enum Base {
        SAME,
        LOGIT,
        LOG,
        STEPS
    }

    /** XGBoost's smallest distance of a probability from 0 and 1. */
    private static final float EPSILON = 1e-6f;

    private static final Map<String, XgboostObjective> ALL = new LinkedHashMap<>();

    static {
        put(Link.IDENTITY, Base.SAME, "reg:squarederror", "reg:linear", "reg:squaredlogerror", "reg:absoluteerror");
        put(Link.IDENTITY, Base.SAME, "reg:pseudohubererror", "binary:logitraw");
        // Since version 3.4; before it, quantiles could cross.
        put(Link.of(Kind.SORTED), Base.SAME, "reg:quantileerror");
        put(Link.IDENTITY, Base.SAME, "rank:ndcg", "rank:pairwise", "rank:map");
        put(Link.of(Kind.LOGISTIC), Base.LOGIT, "reg:logistic", "binary:logistic");
        put(Link.of(Kind.STEP), Base.SAME, "binary:hinge");
        put(Link.of(Kind.EXP), Base.LOG, "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft");
        put(Link.of(Kind.SOFTMAX), Base.SAME, "multi:softprob");
        put(Link.of(Kind.ARG_MAX), Base.SAME, "multi:softmax");
        put(Link.of(Kind.ASCENDING), Base.STEPS, "reg:expectileerror");
    }

    private static void put(Link link, Base base, String... names) {
        for (String name : names) {
            ALL.put(name, new XgboostObjective(link, base));
        }
    }

    static Optional<XgboostObjective> of(String name) {
        return Optional.ofNullable(ALL.get(name));
    }

    static String names() {
        return String.join(", ", ALL.keySet());
    }

    /**
     * The margins of base scores, in the float32 arithmetic of XGBoost.
     *
     * @param scores the scores, one for each output
     */
    float[] margins(float[] scores) {
        float[] margins = scores.clone();
        for (int i = 0; i < margins.length; i++) {
            switch (base) {
                case SAME -> {}
                case LOGIT -> {
                    float p = Math.min(Math.max(margins[i], EPSILON), 1.0f - EPSILON);
                    margins[i] = -(float) Math.log(1.0f / p - 1.0f);
                }
                case LOG -> margins[i] = (float) Math.log(margins[i]);
                case STEPS -> {
                    if (i > 0) {
                        float step = Math.max(scores[i] - scores[i - 1] - EPSILON, EPSILON);
                        margins[i] = step + (float) Math.log(-(float) Math.expm1(-step));
                    }
                }
            }
        }
        return margins;
    }
}
