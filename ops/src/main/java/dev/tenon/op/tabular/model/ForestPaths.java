package dev.tenon.op.tabular.model;

/** The longest way of a row through all trees of a forest. */
record ForestPaths(long steps) {
    static ForestPaths of(Forest f) {
        int[] heights = heights(f);
        int most = 0;
        for (int leaf = 0; leaf < f.leaves(); leaf++) {
            most = Math.max(most, f.leafStart(leaf + 1) - f.leafStart(leaf));
        }
        long steps = 0;
        for (int t = 0; t < f.trees(); t++) {
            int root = f.root(t);
            steps += 1L + most + (root < 0 ? 0 : heights[root]);
        }
        return new ForestPaths(steps);
    }

    /** The number of nodes on the longest path from each node, found without recursion. A node may have several parents. */
    private static int[] heights(Forest f) {
        int[] heights = new int[f.nodes()];
        int[] stack = new int[f.nodes()];
        for (int node = 0; node < heights.length; node++) {
            int depth = 0;
            if (heights[node] == 0) {
                stack[depth++] = node;
            }
            while (depth > 0) {
                int at = stack[depth - 1];
                int yes = f.yes(at);
                int no = f.no(at);
                if (yes >= 0 && heights[yes] == 0) {
                    stack[depth++] = yes;
                } else if (no >= 0 && heights[no] == 0) {
                    stack[depth++] = no;
                } else {
                    heights[at] = 1 + Math.max(yes < 0 ? 0 : heights[yes], no < 0 ? 0 : heights[no]);
                    depth--;
                }
            }
        }
        return heights;
    }
}
