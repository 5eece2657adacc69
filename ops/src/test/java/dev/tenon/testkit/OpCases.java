package dev.tenon.testkit;

import java.util.List;

/**
 * The cases of one operator. All tests of operators iterate over them, here and, through the test-jar, in the modules that
 * compare with other runtimes. The class has the name of the operator with {@code Cases} after it, is in the operator's
 * package and has a public constructor without parameters.
 */
public interface OpCases {
    /**
     * The cases, the same at every call.
     *
     * @return at least one
     */
    List<OpCase> cases();
}
