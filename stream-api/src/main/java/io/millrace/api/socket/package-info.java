/** Text from a socket: the one place of this module that talks to the network. */
package io.millrace.api.socket;
