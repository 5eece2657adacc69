package dev.tenon.kernel.x64.blocks;

/** Where the parts of a packed matrix of weights are: a panel has those of 16 columns of the product, its vectors first. */
interface PanelForm {
    /** The size of a panel, bytes. */
    long panelBytes(int k);

    /** The size of a packed matrix, bytes. */
    long byteSize(int n, int k);

    /** The offset of a panel's scales; -1 if they are an operand of their own. */
    default long scalesAt(int k) {
        return -1;
    }

    /** The offset of the scales of a panel's groups, where scales have an offset. */
    default long subScalesAt(int k) {
        return -1;
    }
}
