/** A program with Tenon on its module path. */
module dev.tenon.consumer {
    requires dev.tenon.core;
}
