package dev.tenon.formats;

/** Which trees of a file become part of a model, where training went on after the best result. */
public enum TreeSelection {
    /** All trees, as XGBoost's {@code Booster.predict} takes them without a range. */
    ALL,
    /**
     * The trees up to the attribute {@code best_iteration} that early stopping leaves in XGBoost's files, as XGBoost's estimators
     * for scikit-learn predict. All trees of a file without this attribute, and all of linear boosters, which have no iterations.
     */
    BEST_ITERATION
}
