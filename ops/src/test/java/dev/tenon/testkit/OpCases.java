package dev.tenon.testkit;

import java.util.List;

/**
 * The cases of one operator: what every test of operators iterates over, here and, through the test-jar, in the modules
 * that compare with other runtimes. The class is named after the operator with {@code Cases} behind it, lives in the
 * operator's package and has a public constructor without parameters.
 */
public interface OpCases {
    /**
     * The cases, the same at every call.
     *
     * @return at least one
     */
    List<OpCase> cases();
}
