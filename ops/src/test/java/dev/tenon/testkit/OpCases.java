package dev.tenon.testkit;

import java.util.List;

/**
 * The cases of one operator. Every test of operators iterates over them: here and, through the test-jar, in the modules
 * that compare with other runtimes. The class is named after the operator, followed by {@code Cases}. It is in the
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
