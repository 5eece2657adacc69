package dev.tenon.compression.edit;

import dev.tenon.graph.GraphIndex;
import java.util.HashSet;
import java.util.Set;

/** Names for new values of a graph. */
public final class FreeNames {
    private final GraphIndex index;
    private final Set<String> given = new HashSet<>();

    /**
     * No name is given yet.
     *
     * @param index the graph
     */
    public FreeNames(GraphIndex index) {
        this.index = index;
    }

    /**
     * A name that no value of the graph has, and that was not given before.
     *
     * @param wanted the name to begin with
     * @return the wanted name if it is free, else with the first number that makes it so
     */
    public String of(String wanted) {
        String name = wanted;
        for (int i = 1; index.findValue(name).isPresent() || !given.add(name); i++) {
            name = wanted + "_" + i;
        }
        return name;
    }
}
